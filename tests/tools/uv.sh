#!/bin/sh
# Runs uv with the package index that pip is configured for, because uv does not read the settings of pip:
#     uv.sh UV ARGUMENT…
# The environment of UV must have pip. Variables of uv, if set, take precedence.
set -eu

uv=$1
shift
settings=$("$(dirname "$uv")/python" -m pip config list)

setting() { # NAME: its value, from a variable, for pip install, or for all commands
    for section in :env: install global; do
        value=$(printf '%s\n' "$settings" | sed -n "s/^$section\.$1='\(.*\)'\$/\1/p")
        [ -z "$value" ] || { printf '%s' "$value"; return; }
    done
}

index=${UV_DEFAULT_INDEX:-$(setting index-url)}
[ -z "$index" ] || export UV_DEFAULT_INDEX="$index"
certificates=${SSL_CERT_FILE:-$(setting cert)}
[ -z "$certificates" ] || export SSL_CERT_FILE="$certificates"
exec "$uv" "$@"
