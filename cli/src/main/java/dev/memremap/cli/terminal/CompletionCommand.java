// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.terminal;

import java.io.PrintWriter;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * {@code generate-completion}: picocli's script, and a function around it for values that are
 * written behind a {@code =}.
 */
@Command(
    name = "generate-completion",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = ExitStatus.HEADING,
    exitCodeList = {
      ExitStatus.OK_TEXT,
      ExitStatus.UNUSABLE_TEXT,
      ExitStatus.OUTPUT_LOST_TEXT,
      ExitStatus.INTERRUPTED_TEXT
    },
    description = {
      "Print a script by which bash and zsh complete the words of ${ROOT-COMMAND-NAME}.",
      "For the current shell: source <(${ROOT-COMMAND-NAME} generate-completion)"
    })
public final class CompletionCommand implements Runnable {
  /** Bash splits {@code --type=FS} into three words, zsh does not; picocli's functions know two. */
  private static final String JOINED =
      """
      # Shows FUNCTION an option and its value as two words, also where they are typed with a = between them,
      # which bash makes a word of its own, and zsh does not split.
      function _joinedFUNCTION() {
        local -a parts=()
        local i word current=0 before='' last=''
        for ((i = 0; i < ${#COMP_WORDS[@]}; i++)); do
          word=${COMP_WORDS[i]}
          if [[ "$word" = "=" && "$last" = --* ]]; then
            if [ "$i" != "$COMP_CWORD" ]; then continue; fi
            word=''
          elif [[ "$word" = --*=* ]]; then
            parts+=("${word%%=*}")
            if [ "$i" = "$COMP_CWORD" ]; then before=${word%%=*}=; fi
            word=${word#*=}
          fi
          if [ "$i" = "$COMP_CWORD" ]; then current=${#parts[@]}; fi
          parts+=("$word")
          last=$word
        done
        COMP_WORDS=("${parts[@]}")
        COMP_CWORD=$current
        FUNCTION || return
        if [ -n "$before" ]; then COMPREPLY=("${COMPREPLY[@]/#/$before}"); fi
      }
      """;

  /** The line that names picocli's function. */
  private static final Pattern COMPLETE = Pattern.compile("(?m)^complete -F (\\S+) ");

  @Spec private @Nullable CommandSpec own;

  /** For picocli, which then sets the command. */
  public CompletionCommand() {
    this.own = null;
  }

  @Override
  public void run() {
    CommandSpec spec = Objects.requireNonNull(own);
    String script = AutoComplete.bash(spec.root().name(), spec.root().commandLine());
    PrintWriter out = spec.commandLine().getOut();
    out.println(
        COMPLETE
            .matcher(script)
            .replaceFirst(
                line ->
                    Matcher.quoteReplacement(
                        JOINED.replace("FUNCTION", line.group(1))
                            + "complete -F _joined%s ".formatted(line.group(1)))));
    out.flush();
  }
}
