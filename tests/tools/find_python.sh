#!/bin/sh
# Prints the path of the first usable Python 3. The arguments are its minor versions in the order of preference:
#     find_python.sh 14 13 12 11
# A usable Python runs and can create virtual environments. The path is that of the interpreter itself, never a pyenv
# shim or the link of another virtual environment. Fails with a message if no Python is usable.
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

echo "No usable Python found. Install one of: $(printf '3.%s ' "$@")" >&2
if [ -n "$without_venv" ]; then
    echo "These have no venv and ensurepip modules (Debian and Ubuntu: apt install python3-venv):" >&2
    printf '%b' "$without_venv" | sort -u >&2
fi
echo "Searched: PATH, \$PYENV_ROOT/versions/*/bin and ~/.pyenv/versions/*/bin." >&2
exit 1
