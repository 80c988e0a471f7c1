#!/bin/sh
# Prints the path of the first usable Python among the wished minor versions of Python 3, tried in the order given:
#     find_python.sh 14 13 12 11
# Usable: it runs, and can make virtual environments. What is printed is the interpreter itself, never a pyenv shim
# or another virtual environment's link. Fails with a message when there is none.
set -eu

probe='
import sys
assert sys.version_info[:2] == (3, int(sys.argv[1]))
print(getattr(sys, "_base_executable", None) or sys.executable)
import ensurepip, venv
'

directories() {
    printf '%s\n' "$PATH" | tr ':' '\n'
    for home in "${PYENV_ROOT:-}" "${HOME:-}/.pyenv"; do
        [ -d "$home/versions" ] && printf '%s\n' "$home"/versions/*/bin
    done
    return 0
}

without_venv=''
for minor in "$@"; do
    for directory in $(directories); do
        for candidate in "$directory/python3.$minor" "$directory/python3"; do
            [ -x "$candidate" ] || continue
            found=$("$candidate" -c "$probe" "$minor" 2>/dev/null) && { printf '%s\n' "$found"; exit 0; }
            [ -z "$found" ] || without_venv="$without_venv    $found\n"
        done
    done
done

echo "No usable Python found; wanted one of: $(printf '3.%s ' "$@")" >&2
if [ -n "$without_venv" ]; then
    echo "Found, but without the venv and ensurepip modules (Debian and Ubuntu: apt install python3-venv):" >&2
    printf '%b' "$without_venv" | sort -u >&2
fi
echo "Searched: PATH, \$PYENV_ROOT/versions/*/bin and ~/.pyenv/versions/*/bin." >&2
exit 1
