// The scripts that bash, zsh and fish load. They know neither flags nor views: at each Tab they hand the line to
// `tsbpftop completions line`, and offer what it answers.

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

export const shellScript = (shell: Shell): string => scripts[shell];

const scripts: Readonly<Record<Shell, string>> = {
  // bash cuts words at ':' and '=', and replaces the last piece alone: what stands before it in the word is taken off
  bash: String.raw`# bash completion of tsbpftop. Load it: source <(tsbpftop completions bash)
_tsbpftop() {
  local program=$1 line=${'$'}{COMP_LINE:0:COMP_POINT} typed mode word says front='' quoted=''
  type -P -- "$program" >/dev/null || program=tsbpftop
  typed=${'$'}{line##*[[:space:]]}
  case $typed in
    [\'\"]*) quoted=yes ;;
    *)
      [[ $COMP_WORDBREAKS == *:* && $typed == *:* ]] && front=${'$'}{typed%"${'$'}{typed##*:}"}
      [[ $COMP_WORDBREAKS == *=* && $front != *=* && $typed == *=* ]] && front=${'$'}{typed%"${'$'}{typed##*=}"}
      ;;
  esac
  COMPREPLY=()
  {
    read -r mode
    while IFS=$'\t' read -r word says; do
      [[ -z $quoted && $word == *[\ \(\)\*\;\&\<\>\$\|\\]* ]] && printf -v word %q "$word"
      COMPREPLY+=("${'$'}{word#"$front"}")
    done
  } < <("$program" completions line "$line" 2>/dev/null)
  if [[ $mode == files ]]; then
    compopt -o default
  elif [[ ${'$'}{#COMPREPLY[@]} == 1 && ${'$'}{COMPREPLY[0]} == *[:/=\(,] ]]; then
    compopt -o nospace
  fi
} 2>/dev/null
complete -F _tsbpftop tsbpftop
`,
  zsh: String.raw`#compdef tsbpftop
# zsh completion of tsbpftop: a file _tsbpftop in a folder of $fpath, or: source <(tsbpftop completions zsh)
_tsbpftop() {
  local program=$words[1] each word says
  local -a answer whole wholesays open opensays
  (( $+commands[$program] )) || [[ -x $program ]] || program=tsbpftop
  answer=("${'$'}{(@f)$(command $program completions line "${'$'}{(j: :)words[1,CURRENT-1]} $QIPREFIX$PREFIX" 2>/dev/null)}")
  if [[ $answer[1] == files ]]; then
    _files
    return
  fi
  for each in $answer[2,-1]; do
    word=${'$'}{each%%$'\t'*}
    says=${'$'}{each#*$'\t'}
    [[ -n $says ]] && says="$word  -- $says" || says=$word
    if [[ $word == *[:/=\(,] ]]; then
      open+=("$word") opensays+=("$says")
    else
      whole+=("$word") wholesays+=("$says")
    fi
  done
  (( $#open )) && compadd -S '' -l -d opensays -a open
  (( $#whole )) && compadd -l -d wholesays -a whole
  (( $#open + $#whole ))
}
if [[ $funcstack[1] == _tsbpftop ]]; then
  _tsbpftop "$@"
else
  compdef _tsbpftop tsbpftop
fi
`,
  fish: String.raw`# fish completion of tsbpftop: ~/.config/fish/completions/tsbpftop.fish, or: tsbpftop completions fish | source
function __tsbpftop_words
    set -l program (commandline -opc)[1]
    type -q -- $program; or set program tsbpftop
    set -l answer ($program completions line (commandline -cp | string collect) 2>/dev/null)
    if test "$answer[1]" = files
        __fish_complete_path (commandline -ct)
    else
        printf '%s\n' $answer[2..-1]
    end
end
complete -c tsbpftop -f -a '(__tsbpftop_words)'
`,
};
