# References come from the desk.
_staple_references() {
    local -a found texts shown
    local line
    found=("${(@f)$(command staple complete-refs -- "${(@Q)staple_words}" 2>/dev/null)}")
    for line in $found; do
        texts+=("${line%%$'\t'*}")
        shown+=("${line/$'\t'/  }")
    done
    (( $#texts )) || return 1
    compadd -l -V references -d shown -a texts
}

