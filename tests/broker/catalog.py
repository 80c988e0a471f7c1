"""The cartridges that the embedded broker offers: the data of their manifests."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Endpoint:
    """A port that a gear with this cartridge exposes to the outside (only in scalable applications)."""

    port: str
    protocols: tuple[str, ...]
    kind: str
    mappings: tuple[tuple[str, str], ...] | None = None


@dataclass(frozen=True)
class Cartridge:
    """A cartridge: its name, where it may be placed, and how far it scales.

    ``sparse``: only some gears of its group carry it. ``grouped_with``: categories or names of the cartridges that
    share its gears. ``component``: the name of its only component, which determines the order of lists.
    """

    name: str
    component: str
    version: str
    display_name: str
    description: str
    categories: tuple[str, ...]
    provides: tuple[str, ...]
    minimum: int = 1
    maximum: int = -1
    sparse: bool = False
    grouped_with: tuple[str, ...] = ()
    requires: tuple[tuple[str, ...], ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    properties: tuple[tuple[str, str], ...] = ()

    @property
    def base_name(self) -> str:
        """The name without the version. An application has at most one version of a cartridge."""
        return self.name.rpartition("-")[0]

    @property
    def path(self) -> str:
        """The sort key of the cartridges in a group."""
        return f"{self.name}/{self.component}"

    @property
    def web_framework(self) -> bool:
        return "web_framework" in self.categories

    @property
    def web_proxy(self) -> bool:
        return "web_proxy" in self.categories

    @property
    def service(self) -> bool:
        return "service" in self.categories

    @property
    def ci_builder(self) -> bool:
        return "ci_builder" in self.categories

    @property
    def embeddable(self) -> bool:
        return "embedded" in self.categories

    @property
    def scalable(self) -> bool:
        """Whether a user may set scaling limits for this cartridge."""
        return self.web_framework or self.service

    def offers(self, feature: str) -> bool:
        return feature in self.provides or feature in self.categories


_HTTP = ("http", "ws")
_WEB_ENDPOINT = Endpoint("8080", _HTTP, "web_framework", (("", ""), ("/health", "")))
_PROXY_ENDPOINT = Endpoint("8080", _HTTP, "load_balancer", (("", ""), ("/health", "/configuration/health")))


def _web(base: str, version: str, display_name: str, *categories: str) -> Cartridge:
    name = f"{base}-{version}"
    return Cartridge(
        name=name,
        component=base,
        version=version,
        display_name=display_name,
        description=f"Web applications in {display_name}.",
        categories=("service", *categories, "web_framework"),
        provides=(name, base),
        endpoints=(_WEB_ENDPOINT,),
    )


def _database(base: str, version: str, display_name: str, port: str, *categories: str) -> Cartridge:
    name = f"{base}-{version}"
    return Cartridge(
        name=name,
        component=base,
        version=version,
        display_name=display_name,
        description=f"The database {display_name}.",
        categories=("service", "database", *categories, "embedded"),
        provides=(name, base),
        maximum=1,
        endpoints=(Endpoint(port, (base,), "database"),),
        properties=(
            ("username", f"Root user on {base} database"),
            ("password", f"Password for root user on {base} database"),
            ("database_name", "Database name"),
            ("connection_url", "Database connection URL"),
        ),
    )


_HAPROXY = Cartridge(
    name="haproxy-1.4",
    component="web_proxy",
    version="1.4",
    display_name="Web Load Balancer",
    description="Balances the requests of a scalable application over its web gears.",
    categories=("web_proxy", "scales", "embedded"),
    provides=("haproxy-1.4", "haproxy", "web_proxy"),
    maximum=1,
    sparse=True,
    grouped_with=("web_framework", "web_proxy"),
    requires=(("web_framework",), ("web_proxy",)),
    endpoints=(_PROXY_ENDPOINT,),
)

_CRON = Cartridge(
    name="cron-1.4",
    component="cron",
    version="1.4",
    display_name="Cron 1.4",
    description="Runs command line programs at scheduled times.",
    categories=("embedded", "plugin"),
    provides=("cron-1.4", "cron"),
    grouped_with=("cron-1.4", "web_framework"),
)

_JENKINS_CLIENT = Cartridge(
    name="jenkins-client-1",
    component="jenkins-client",
    version="1",
    display_name="Jenkins Client",
    description="Builds the application on a Jenkins server.",
    categories=("ci_builder", "embedded"),
    provides=("jenkins-client-1", "jenkins-client"),
    maximum=1,
    sparse=True,
    grouped_with=("jenkins-client-1", "web_proxy"),
    properties=(("job_url", "Jenkins job URL"),),
)

_ALL = (
    _CRON,
    _HAPROXY,
    _JENKINS_CLIENT,
    _database("mongodb", "2.4", "MongoDB 2.4", "27017", "nosql"),
    _database("mysql", "5.1", "MySQL 5.1", "3306"),
    _database("mysql", "5.5", "MySQL 5.5", "3306"),
    _database("postgresql", "8.4", "PostgreSQL 8.4", "5432"),
    _database("postgresql", "9.2", "PostgreSQL 9.2", "5432"),
    _web("jbossews", "1.0", "Tomcat 6 (JBoss EWS 1.0)", "java", "jboss", "tomcat"),
    _web("jbossews", "2.0", "Tomcat 7 (JBoss EWS 2.0)", "java", "jboss", "tomcat", "tomcat7"),
    _web("nodejs", "0.10", "Node.js 0.10", "javascript", "nodejs"),
    _web("perl", "5.10", "Perl 5.10", "perl"),
    _web("php", "5.3", "PHP 5.3", "php"),
    _web("php", "5.4", "PHP 5.4", "php"),
    _web("python", "2.6", "Python 2.6", "python"),
    _web("python", "2.7", "Python 2.7", "python"),
    _web("python", "3.3", "Python 3.3", "python"),
    _web("ruby", "1.8", "Ruby 1.8", "ruby"),
    _web("ruby", "1.9", "Ruby 1.9", "ruby"),
    _web("ruby", "2.0", "Ruby 2.0", "ruby"),
)

CARTRIDGES: dict[str, Cartridge] = {cartridge.name: cartridge for cartridge in _ALL}
WEB_PROXY = _HAPROXY


def find(name: str) -> Cartridge | None:
    """Return the cartridge with this name. A name without a version means the newest version."""
    if name in CARTRIDGES:
        return CARTRIDGES[name]
    versions = [cartridge for cartridge in _ALL if cartridge.base_name == name]
    return max(versions, key=lambda each: [int(part) for part in each.version.split(".")]) if versions else None


def web_framework_names() -> list[str]:
    return sorted(name for name, cartridge in CARTRIDGES.items() if cartridge.web_framework)


def other_names() -> list[str]:
    return sorted(name for name, cartridge in CARTRIDGES.items() if not cartridge.web_framework)
