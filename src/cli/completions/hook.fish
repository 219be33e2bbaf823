# References come from the desk.
function __staple_references
    set -l words (commandline -opc) (commandline -ct)
    command staple complete-refs -- $words[2..-1] 2>/dev/null
end
complete -c staple -n '__staple_references | string length -q' -k -f -a '(__staple_references)'
