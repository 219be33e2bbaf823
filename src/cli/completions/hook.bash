# References come from the desk; where it has none for this place, what follows below completes.
_staple_with_references() {
    local words=() n=0 i piece glued= cut= word out line COMPLETED=()
    # Bash takes words apart at : and =; here they are one again.
    for ((i = 1; i <= COMP_CWORD; i++)); do
        piece=${COMP_WORDS[i]}
        if [[ $n -gt 0 && ( -n $glued || $piece == [:=]* ) ]]; then
            words[n - 1]=${words[n - 1]}$piece
        else
            words[n]=$piece
            n=$((n + 1))
        fi
        glued=
        [[ $piece == *[:=] ]] && glued=1
    done
    out=
    [[ $n -gt 0 ]] && out=$(command staple complete-refs -- "${words[@]}" 2>/dev/null)
    if [[ -z $out ]]; then
        _staple "$@"
        return
    fi
    # Of what is typed, bash replaces only what follows the last sign it takes words apart at.
    word=${words[n - 1]}
    word=${word#--*=}
    [[ $COMP_WORDBREAKS == *:* && $word == *:* ]] && cut=${word%"${word##*:}"}
    n=0
    while IFS= read -r line; do
        COMPLETED[n]=${line#"$cut"}
        n=$((n + 1))
    done <<< "$out"
    COMPREPLY=()
    for ((i = 0; i < n; i++)); do
        line=${COMPLETED[i]}
        # Titles are for the list alone, and never for the command line.
        if [[ $n -gt 1 && ( $COMP_TYPE == 63 || $COMP_TYPE == 33 || $COMP_TYPE == 64 ) ]]; then
            line=${line/$'\t'/  }
            COMPREPLY[i]=${line:0:${COLUMNS:-80}}
        else
            COMPREPLY[i]=${line%%$'\t'*}
        fi
    done
}
