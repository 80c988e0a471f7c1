#!/bin/sh
# Validates a candidate together with all other files that the program reads, in a temporary folder:
#   validate.sh SOFTWARE MODE FOLDER PROGRAM MAIN FILE COMMAND
# FOLDER has the candidate in `candidate`, and everything else that belongs to it. FILE is where the candidate is to be
# installed, MAIN the configuration that includes it. COMMAND replaces the program's own validation; %s is its argument.
set -eu
software=$1 mode=$2 folder=$3 program=$4 main=$5 file=$6 command=$7
name=${file##*/} place=${file%/*}

# Symbolic links to all files of a folder, but not to the file that the candidate replaces.
link_all() {
    for each in "$1"/* "$1"/.[!.]*; do
        [ -e "$each" ] && [ "$each" != "$file" ] && [ "$each" != "$main" ] && ln -s "$each" "$2/" || :
    done
}

validate() { # ARGUMENT PROGRAM OPTION...
    argument=$1
    shift
    if [ -n "$command" ]; then
        sh -c "$(printf '%s' "$command" | awk -v a="$argument" '{ while ((i = index($0, "%s"))) $0 = substr($0, 1, i - 1) a substr($0, i + 2); print }')"
    else
        "$@"
    fi
}

candidate=$folder/candidate
case $software-$mode in
haproxy-file)
    validate "$candidate" "$program" -c -f "$candidate"
    ;;
haproxy-fragment)
    mkdir "$folder/fragments"
    link_all "$place" "$folder/fragments"
    candidate=$folder/fragments/$name
    cp "$folder/candidate" "$candidate"
    validate "$folder/fragments" "$program" -c -f "$main" -f "$folder/fragments"
    ;;
nginx-file)
    validate "$candidate" "$program" -t -q -c "$candidate"
    ;;
nginx-fragment)
    # A copy of the main configuration includes the candidate. Relative paths keep their meaning by links.
    [ -r "$main" ] || { echo "$main: cannot be read" >&2; exit 1; }
    root=$folder/root base=${main%/*}
    mkdir "$root"
    link_all "$base" "$root"
    case $place/ in
    "$base"/?*) fragments=$root/${place#"$base"/} ;;
    *) fragments=$folder/fragments ;;
    esac
    if [ "$fragments" != "$folder/fragments" ]; then
        # Folders between the two are links so far.
        path=$root rest=${fragments#"$root"/} real=$base
        while [ "$rest" != "${rest#*/}" ]; do
            step=${rest%%/*} rest=${rest#*/} path=$path/$step real=$real/$step
            rm -f "$path" && mkdir "$path" && link_all "$real" "$path"
        done
        rm -f "$fragments"
    fi
    [ "$fragments" = "$root" ] || mkdir "$fragments"
    [ "$fragments" = "$root" ] || link_all "$place" "$fragments"
    candidate=$fragments/$name
    cp "$folder/candidate" "$candidate"
    awk -v from="$place/" -v to="$fragments/" \
        '{ out = ""; while ((i = index($0, from))) { out = out substr($0, 1, i - 1) to; $0 = substr($0, i + length(from)) } print out $0 }' \
        "$main" >"$root/${main##*/}"
    validate "$root/${main##*/}" "$program" -t -q -c "$root/${main##*/}"
    if [ -z "$command" ] && ! "$program" -T -q -c "$root/${main##*/}" 2>/dev/null | grep -qF "# configuration file $candidate:"; then
        echo "$main does not include $file" >&2
        exit 1
    fi
    ;;
esac
