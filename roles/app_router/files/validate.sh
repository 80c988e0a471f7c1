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

# What the fragment may take from the files beside it. The module openshift_router_plan decides.
report_binds() {
    for each in "$main" "$place"/*.cfg; do
        [ ! -f "$each" ] || [ "$each" = "$file" ] || awk '
            $1 == "bind" { line = FNR; sub(/^[ \t]*bind[ \t]+/, ""); printf "openshift-apps-bind\t%s:%d\t%s\n", FILENAME, line, $0 }
        ' "$each"
    done
}

report_listens() { # reads the output of nginx -T
    awk '
        /^# configuration file .*:$/ { file = substr($0, 22, length($0) - 22); next }
        {
            sub(/#.*/, "")
            parts = split($0, part, /[;{}]/)
            for (i = 1; i <= parts; i++)
                if (match(part[i], /^[ \t]*(listen|include)[ \t]+/)) {
                    kind = part[i] ~ /^[ \t]*listen/ ? "listen" : "include"
                    printf "openshift-apps-%s\t%s\t%s\n", kind, file, substr(part[i], RLENGTH + 1)
                }
        }
    '
}

# Other configurations of the role: both define the same variables, and nginx uses those of one of them for both.
find_others() { # reads the output of nginx -T
    awk -v own="$candidate" -v map="$folder/hosts.map" '
        /^# configuration file .*:$/ { file = substr($0, 22, length($0) - 22); first = 1; next }
        first && index($0, "role openshift_v2.apps.app_router") && file != own && file != map && !(file ~ /[.]map$/) { print file }
        { first = 0 }
    '
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
    report_binds
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
    # The map and the copies of former configurations are in the same folder: nginx must not read them as fragments.
    rm -f "$fragments"/openshift-apps-*.map
    echo "# probe" | tee "$fragments/openshift-apps-probe.map" >"$candidate.0~"
    validate "$root/${main##*/}" "$program" -t -q -c "$root/${main##*/}"
    [ -z "$command" ] || exit 0
    "$program" -T -q -c "$root/${main##*/}" 2>/dev/null >"$folder/dump"
    if ! grep -qF "# configuration file $candidate:" "$folder/dump"; then
        echo "$main does not include $file" >&2
        exit 1
    fi
    if grep -qF -e "# configuration file $fragments/openshift-apps-probe.map:" -e "# configuration file $candidate.0~:" "$folder/dump"; then
        echo "$main includes every file in $place, also the map of the role: use a folder of which it includes *.conf only" >&2
        exit 1
    fi
    others=$(find_others <"$folder/dump")
    if [ -n "$others" ]; then
        echo "$main already includes another configuration of the role app_router:" $others >&2
        exit 1
    fi
    report_listens <"$folder/dump"
    ;;
esac
