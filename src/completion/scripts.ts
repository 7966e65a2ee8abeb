export const SHELLS = ['bash', 'zsh'] as const
export type Shell = (typeof SHELLS)[number]

/** As it stands here; before a brace, a dollar is escaped for JavaScript alone. */
const script = ({ raw }: TemplateStringsArray): string => raw.join('').replaceAll('\\${', '${')

/**
 * What a shell runs once to complete filters and fields. Everything else is left to what `autocomplete` sets up, where
 * that is there, or to the shell.
 */
export const scripts: Readonly<Record<Shell, string>> = {
  // Of a word in quotes, readline replaces all that follows the quote. A lone answer would get a closing quote: the same
  // with a blank after it keeps the filter open, and what both have in common is written.
  bash: script`_mqinspect_values() {
  local flag=$3 line kept head
  local -a values
  COMPREPLY=()
  [[ $flag == = && COMP_CWORD -ge 2 ]] && flag=\${COMP_WORDS[COMP_CWORD - 2]}
  [[ $2 == = ]] && flag=$3
  case $flag in
    -Y | --filter | --fields) ;;
    *)
      declare -F _mqinspect_autocomplete > /dev/null && _mqinspect_autocomplete "$@"
      return
      ;;
  esac
  local word=$2
  [[ $word == = ]] && word=
  {
    read -r kept
    while IFS=$'\t' read -r line _; do values+=("$line"); done
  } < <(mqinspect complete -- "\${COMP_WORDS[@]:1:COMP_CWORD-1}" "$word" 2> /dev/null)
  ((\${#values[@]})) || return
  head=\${word:0:kept}
  compopt +o default +o bashdefault -o nospace
  # The second tab only lists: what was written before is of no use there.
  if ((COMP_TYPE == 63 && \${#values[@]} > 1)); then
    COMPREPLY=("\${values[@]}")
  elif ((\${#values[@]} == 1)); then
    [[ $head\${values[0]} == "$word" ]] && values[0]+=' '
    COMPREPLY=("$head\${values[0]}" "$head\${values[0]} ")
  else
    for line in "\${values[@]}"; do COMPREPLY+=("$head$line"); done
  fi
}
complete -o bashdefault -o default -F _mqinspect_values mqinspect
`,
  zsh: script`_mqinspect_values() {
  local flag=\${words[CURRENT - 1]} word kept head line
  [[ \${words[CURRENT]} == --(filter|fields)=* ]] && flag=--filter
  case $flag in
    (-Y|--filter|--fields) ;;
    (*)
      if (( $+functions[_mqinspect] )); then _mqinspect "$@"; else _files; fi
      return
      ;;
  esac
  local -a lines values shown
  # Within quotes it is what they hold already.
  word=$PREFIX
  [[ -n $compstate[quote] ]] || word=\${(Q)PREFIX}
  lines=("\${(@f)$(mqinspect complete -- "\${(@Q)words[2, CURRENT - 1]}" "$word" 2> /dev/null)}")
  kept=\${lines[1]}
  shift lines
  for line in $lines; do
    values+=("\${line%%$'\t'*}")
    shown+=("\${line%%$'\t'*}  \${line#*$'\t'}")
  done
  (( $#values )) || return 1
  [[ $#values == 1 && \${word[kept + 1, -1]} == $values[1] ]] && values[1]+=' '
  head=\${word[1, kept]}
  if [[ \${words[CURRENT]} =~ "^--[a-z]+=['\"]" ]]; then
    head=$MATCH\${head#*=}
  elif [[ -z $compstate[quote] ]]; then
    head=\${head:+\${(q)head}} values=("\${(@q)values}")
  fi
  compadd -U -Q -V filters -S '' -p "$head" -l -d shown -a values
}
compdef _mqinspect_values mqinspect
`,
}
