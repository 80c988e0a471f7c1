"""A broker in memory with one application. It answers as docs/broker.md describes, and faults can be injected.

It computes results from single gears, not with ``apply_to`` of the steps, so that tests find differences.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.account import Caller, Domain
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import (
    Application,
    AppRef,
    Cartridge,
    Member,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import (
    BrokerError,
    Busy,
    Forbidden,
    NodeFailed,
    Refused,
    Unanswered,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.placement import Endpoint, Gear, Placement
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.steps import Request, Step
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.waiter import Clock

REF = AppRef("acme", "shop")


@dataclass(frozen=True)
class Gears:
    """A scalable application: for each web gear, whether it has an HAProxy, and the web cartridge's own limits."""

    haproxies: tuple[bool, ...] = (True,)
    ha: bool = False
    own_minimum: int = 1
    maximum: int = -1
    scalable: bool = True
    id: str = "6b02f61a686c820dac000076"

    @property
    def count(self) -> int:
        return len(self.haproxies)

    @property
    def minimum(self) -> int:
        """The minimum that the broker shows: under HA at least 2."""
        return max(2, self.own_minimum) if self.ha else self.own_minimum

    def with_count(self, count: int) -> Gears:
        gears = list(self.haproxies)
        while len(gears) < count:
            gears.append(sum(gears) < (2 if self.ha else 1))
        while len(gears) > count:
            self._take_one(gears)
        return replace(self, haproxies=tuple(gears))

    def _take_one(self, gears: list[bool]) -> None:
        """HAProxy instances above the minimum go first, then plain gears; the first gear always stays."""
        too_many = sum(gears) > (2 if self.ha else 1)
        takeable = [i for i in range(1, len(gears)) if gears[i] == too_many] or list(range(1, len(gears)))
        del gears[takeable[-1]]

    def placed(self) -> Placement:
        """Every gear is started, and on a node of its own. The first one is the head gear."""
        found = []
        for number, has_haproxy in enumerate(self.haproxies):
            name = self.id if number == 0 else f"{self.id}{number}"
            endpoint = Endpoint(f"10.0.0.{number + 1}", 35000 + number, name, "started")
            found.append(Gear(name, "started", ("haproxy-1.4", "php-5.4"), (endpoint,) if has_haproxy else ()))
        return Placement(tuple(found))

    def shown(self) -> Application:
        web = Cartridge("php-5.4", ("service", "php", "web_framework"), self.count, self.minimum, self.maximum)
        proxy = Cartridge("haproxy-1.4", ("web_proxy", "scales"), sum(self.haproxies), 1, 1)
        return Application(
            id=self.id,
            name=REF.name,
            domain=REF.domain,
            owner="alice",
            ha=self.ha,
            scalable=self.scalable,
            gear_count=self.count,
            url="http://shop-acme.example.com/",
            web_cartridge=web.name,
            web_gears=self.count,
            min_gears=self.minimum,
            max_gears=self.maximum,
            haproxy_count=sum(self.haproxies),
            members=(Member("alice", "admin", True), Member("eve", "edit", False), Member("vic", "view", False)),
            cartridges=(proxy, web),
        )


def gears(count: int, haproxies: int = 1, ha: bool = False, minimum: int = 1, maximum: int = -1) -> Gears:
    return Gears(tuple(i < haproxies for i in range(count)), ha, minimum, maximum)


@dataclass(frozen=True)
class Account:
    """An account: ``others`` are the gears of its other applications."""

    login: str
    ha: bool = True
    max_gears: int = 100
    others: int = 0


class FakeClock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.time = 1000.0

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds

    def clock(self) -> Clock:
        return Clock(self.now, self.sleep, lambda: 1.0)


@dataclass
class Trouble:
    """What happens instead of the next write of that ``action``, ``times`` over.

    ``effect``: ``none``; ``done`` (it takes effect all the same); ``shown`` (it is seen as done, and rolled back before
    the application's lock is free again); ``half`` (gears stay, HA does not); ``late`` (done ``seconds`` later);
    ``late and shown`` (both); ``passing`` (what others did ``meanwhile`` is rolled back before the lock is free again).
    ``meanwhile`` is what others do to the application at that moment, before anything of ours.
    """

    action: str
    error: BrokerError | None
    effect: str = "none"
    times: int = 1
    seconds: float = 0.0
    meanwhile: Callable[[Gears], Gears] | None = None
    #: The number of writes before it that are not affected.
    skip: int = 0


@dataclass(frozen=True)
class _Late:
    """A write that will take effect at a time, for good or until it is rolled back."""

    at: float
    action: str
    minimum: int | None
    maximum: int | None
    by: int
    lasts: bool


@dataclass
class MemoryBroker:
    """Has the methods of ``Broker``. ``requests`` lists what was asked: ``get``, ``domain``, ``user``, ``make_ha`` …"""

    app: Gears
    time: FakeClock = field(default_factory=FakeClock)
    owner: Account = field(default_factory=lambda: Account("alice"))
    caller_account: Account | None = None
    allow_ha: bool = True
    troubles: list[Trouble] = field(default_factory=list)
    #: Errors for the next reads of the application, one for each; ``None``: the read succeeds.
    blind: list[BrokerError | None] = field(default_factory=list)
    #: What other users do right before the n-th read (from 1).
    before_read: dict[int, Callable[[Gears], Gears]] = field(default_factory=dict)
    may_write: Callable[[], None] = lambda: None
    #: A minimum that the broker refuses.
    refuses_minimum: int | None = None
    #: The error for reads of the domain and the account; ``None``: they succeed.
    hidden: BrokerError | None = None
    #: Errors for the next readings of the placement, one for each; ``None``: the reading succeeds.
    hidden_placement: list[BrokerError | None] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    _rollback: Gears | None = None
    _late: list[_Late] = field(default_factory=list)

    @property
    def _caller(self) -> Account:
        return self.caller_account or self.owner

    @property
    def identity(self) -> str:
        """The login that the broker reports with every answer."""
        return self._caller.login

    #: What the token may do: the credentials are a password.
    scopes = None

    def sign(self, error: BrokerError) -> BrokerError:
        return error

    # --- Reads

    def application(self, _ref: AppRef) -> Application:
        self.requests.append("get")
        self._time_passes()
        change = self.before_read.pop(self.requests.count("get"), None)
        if change:
            self.app = change(self.app)
        error = self.blind.pop(0) if self.blind else None
        if error:
            raise error
        return self.app.shown()

    def placement(self, _ref: AppRef, _timeout: int | None = None) -> Placement:
        self.requests.append("placement")
        self._time_passes()
        error = self.hidden_placement.pop(0) if self.hidden_placement else None
        if error:
            raise error
        return self.app.placed()

    def states(self, _ref: AppRef, _timeout: int | None = None) -> Placement:
        self.requests.append("states")
        return replace(self.app.placed(), has_endpoints=False)

    def offers_ha(self, _ref: AppRef) -> bool:
        self.requests.append("links")
        return self.allow_ha

    def domain(self, name: str) -> Domain:
        self.requests.append("domain")
        if self.hidden:
            raise self.hidden
        return Domain(name, self.owner.login, self._available())

    def caller(self) -> Caller:
        self.requests.append("user")
        if self.hidden:
            raise self.hidden
        account = self._caller
        used = account.others + (self.app.count if account is self.owner else 0)
        return Caller(account.login, account.ha, used, account.max_gears)

    # --- Writes

    def send(self, _ref: AppRef, request: Request) -> None:
        body = {key: value for key, value in request.body.items() if isinstance(value, int)}
        if request.method == "PUT":
            self._set_limits(body.get("scales_from"), body.get("scales_to"))
            return
        action = str(request.body["event"]).replace("-", "_")
        sign = {"scale_up": 1, "scale_down": -1}.get(action, 0)
        self._write(action, by=self._difference(body.get("to"), sign * body.get("by", 1)))

    def _difference(self, to: int | None, by: int) -> int:
        """The broker converts ``to`` into a difference when the request arrives, even if it takes effect later."""
        self._time_passes()
        return by if to is None else to - self.app.count

    def _set_limits(self, min_gears: int | None, max_gears: int | None) -> None:
        if min_gears is not None and min_gears == self.refuses_minimum:
            raise Forbidden("This action is not allowed with your current authorization.", 403, 1)
        self._write("set_limits", min_gears, max_gears)

    def wait_for_lock(self, _ref: AppRef) -> None:
        """Refuse before the lock if another operation is raising the minimum and its gears do not exist yet."""
        self._time_passes()
        if self.app.count < self.app.minimum:
            self.may_write()
            self.requests.append("barrier")
            raise busy()
        self._write("barrier")

    def close(self) -> None:
        pass

    @property
    def writes(self) -> list[str]:
        """The writes that were sent, without the barriers."""
        reads = ("get", "placement", "states", "links", "domain", "user", "barrier")
        return [request for request in self.requests if request not in reads]

    def final(self) -> Gears:
        """The gears once all operations have ended."""
        self._settle()
        self._time_passes()
        return self.app

    def _write(self, action: str, minimum: int | None = None, maximum: int | None = None, by: int = 0) -> None:
        self.may_write()
        self.requests.append(action)
        self._time_passes()
        trouble = self._next_trouble(action)
        if trouble is None:
            self._settle()
            self.app = self._result(action, minimum, maximum, by)
            return
        trouble.times -= 1
        if trouble.effect == "passing":
            self._rollback = self.app
        if trouble.meanwhile:
            self.app = trouble.meanwhile(self.app)
        self._trouble(trouble, action, minimum, maximum, by)
        if trouble.error:
            raise trouble.error

    def _next_trouble(self, action: str) -> Trouble | None:
        trouble = next((t for t in self.troubles if t.action == action and t.times > 0), None)
        if trouble is not None and trouble.skip > 0:
            trouble.skip -= 1
            return None
        return trouble

    def _trouble(self, trouble: Trouble, action: str, minimum: int | None, maximum: int | None, by: int) -> None:
        before = self.app
        if trouble.effect.startswith("late"):
            lasts = trouble.effect == "late"
            self._late.append(_Late(self.time.now() + trouble.seconds, action, minimum, maximum, by, lasts))
        elif trouble.effect == "half":
            self.app = replace(self._result(action, minimum, maximum, by), ha=False)
        elif trouble.effect in ("done", "shown"):
            self.app = self._result(action, minimum, maximum, by)
        if trouble.effect == "shown":
            self._rollback = before

    def _settle(self) -> None:
        """A write waits for the lock: an operation in progress is rolled back then."""
        if self._rollback is not None:
            self.app, self._rollback = self._rollback, None

    def _time_passes(self) -> None:
        for due in [late for late in self._late if late.at <= self.time.now()]:
            self._late.remove(due)
            if not due.lasts:
                self._rollback = self.app
            with suppress(Refused):
                self.app = self._result(due.action, due.minimum, due.maximum, due.by)

    # --- The broker's rules

    def _available(self) -> int:
        return self.owner.max_gears - self.owner.others - self.app.count

    def _result(self, action: str, minimum: int | None, maximum: int | None, by: int) -> Gears:
        """The gears after a write. Raises the broker's refusal."""
        app = self.app
        if self._caller.login == "vic":
            raise Forbidden(f"You are not permitted to perform this action ({action} on application)", 403, 1)
        if not app.scalable:
            raise Refused("Application shop is not scalable", 422)
        if action == "make_ha":
            after = self._made_ha()
        elif action == "disable_ha":
            after = self._disabled_ha()
        elif action in ("scale_up", "scale_down"):
            after = self._scaled(action, by)
        elif action == "barrier":
            after = app
        else:
            after = self._limited(minimum, maximum)
        more = after.count - app.count
        if more > 0 and more > self._available():
            raise Refused(
                f"alice is currently using 3 out of 3 limit and this application requires {more} additional gears."
            )
        return after

    def _made_ha(self) -> Gears:
        if not self.allow_ha:
            raise Refused("This feature ('High Availability') is currently disabled.", 422)
        if not self.owner.ha:
            raise Refused("'High Availability' is not an allowed feature for the account ('alice')", 422)
        if self.app.ha:
            raise Refused("Application is already HA", 422)
        if self.app.maximum == 1:
            raise Refused("Cannot make the application HA because the web cartridge's max gear limit is '1'", 422)
        after = replace(self.app, ha=True)
        return after.with_count(max(after.count, after.minimum))

    def _disabled_ha(self) -> Gears:
        if not self.app.ha:
            raise Refused("HA is not active for this application.", 422)
        # With a maximum, the broker stores both limits, including the minimum of 2 because of HA.
        kept = max(self.app.own_minimum, 2) if self.app.maximum != -1 else self.app.own_minimum
        return replace(self.app, ha=False, own_minimum=kept)

    def _scaled(self, event: str, by: int) -> Gears:
        caller = self._caller
        used = caller.others + (self.app.count if caller is self.owner else 0)
        if event == "scale_up" and used >= caller.max_gears:
            raise Refused(f"Reached gear limit of {caller.max_gears}", 422, 104)
        count = self.app.count + by
        if by > 0 and self.app.maximum != -1 and count > self.app.maximum:
            raise Refused(f"Cannot scale up above maximum gear limit of {self.app.maximum}.", 422, 168)
        if count < self.app.minimum:
            raise Refused(f"Cannot scale down below gear limit of {self.app.minimum}.", 422, 168)
        return self.app.with_count(count)

    def _limited(self, minimum: int | None, maximum: int | None) -> Gears:
        after = replace(
            self.app,
            own_minimum=self.app.own_minimum if minimum is None else minimum,
            maximum=self.app.maximum if maximum is None else maximum,
        )
        if after.ha and after.maximum == 1:
            raise Refused("Cannot set the max gear limit to '1' if the application is HA (highly available)", 422)
        if after.maximum != -1 and after.minimum > after.maximum:
            raise Refused("Invalid scales_(from|to) factor provided", 422, 168)
        if after.ha and after.own_minimum == 2 and after.maximum == -1:
            # What HA implies anyway is not stored.
            after = replace(after, own_minimum=1)
        count = max(after.count, after.minimum)
        return after.with_count(count if after.maximum == -1 else min(count, after.maximum))


@cache
def after_step(app: Gears, step: Step) -> Gears | None:
    """The gears after ``step``, or ``None`` if the broker refuses it."""
    broker = MemoryBroker(app)
    try:
        broker.send(REF, step.request(app.shown()))
    except Refused:
        return None
    return broker.app


def unanswered() -> Unanswered:
    return Unanswered("No answer from the broker within 300 seconds.")


def busy() -> Busy:
    return Busy("Unable to perform action on app object. Another operation is already running.", 500, 171)


def node_failed() -> NodeFailed:
    return NodeFailed("Node execution failure", 500, 143)
