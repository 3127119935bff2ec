// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * One call that a guest's kernel carried out, with what it logged meanwhile.
 *
 * @param call as the module takes it
 * @param answer what it answered
 * @param log the lines, without times; what only that run decides is a word in capitals, as in
 *     {@code KernelLine}
 */
record LoggedCall(String call, String answer, List<LoggedCall.Line> log) {
  private static final Pattern TIME = Pattern.compile("^\\[ *\\d+\\.\\d+] ");
  private static final Pattern WARNING =
      Pattern.compile("WARNING: .*?(?:at \\S+:\\d+ |at )(\\w+)(?:\\.\\w+)*\\+0x.*");

  /** What stands where in a line and is not ours to know. */
  private static final String PROCESS = "(?<=x86/PAT: )\\w+:\\d+";

  private static final String OWN_CALLER = "(?<=^caller memremap\\+)0x\\w+/0x\\w+";
  private static final String MODULE_CALLER =
      "(?<=^caller )\\w+\\+0x\\w+/0x\\w+ \\[memremap_judge](?= mapping multiple BARs)";

  private static final String DURATION = "(?<= pages in )\\d+(?=ms$)";

  /** The flags of a resource, which no list of the running system tells. */
  private static final String FLAGS =
      "(?<=spans more than .{1,40} \\[mem 0x\\w{1,16}-0x\\w{1,16}) [^\\]]+";

  private static final String SCRIPT =
      """
      set -e
      module=$1
      calls=$2
      shift 2
      /run/guest/busybox insmod "$module" "$@"
      operation=/sys/kernel/debug/memremap_judge/operation
      /run/guest/busybox dmesg -c >/dev/null
      while read -r line; do
        echo "$line" >$operation
        read -r answer <$operation
        echo "call $line : $answer"
        /run/guest/busybox dmesg -c
      done <$calls
      echo "all calls were carried out"
      """;

  /**
   * One line.
   *
   * @param text what was printed; empty for a stack dump alone
   * @param stackDumpOf the function whose stack dump followed; empty if none did
   */
  record Line(String text, String stackDumpOf) {}

  /** Boots a guest and has its kernel carry out these calls, one after the other. */
  static List<LoggedCall> carriedOut(
      GuestKernel kernel, JudgeMachine machine, List<String> calls, Path folder) throws Exception {
    Path file = Files.write(folder.resolve("calls"), calls);
    List<String> command =
        Stream.concat(
                Stream.of(
                    "/run/guest/busybox",
                    "sh",
                    "-c",
                    SCRIPT,
                    "calls",
                    new KernelModule(kernel).file().toString(),
                    file.toAbsolutePath().toString()),
                machine.moduleParameters().stream())
            .toList();
    GuestRun run = machine.guest(kernel).build().run(command, GuestLimits.find().command());
    return parse(run.output());
  }

  /** Reads what the script printed. */
  static List<LoggedCall> parse(String output) {
    List<LoggedCall> calls = new ArrayList<>();
    List<String> printed = new ArrayList<>();
    String call = "";
    for (String line : output.lines().toList()) {
      if (line.startsWith("call ") || line.equals("all calls were carried out")) {
        add(calls, call, printed);
        call = line;
        printed = new ArrayList<>();
      } else {
        printed.add(TIME.matcher(line).replaceFirst(""));
      }
    }
    if (!call.equals("all calls were carried out")) {
      throw new IllegalStateException("the guest did not come to its end: " + output);
    }
    return calls;
  }

  private static void add(List<LoggedCall> calls, String call, List<String> printed) {
    if (!call.isEmpty()) {
      int colon = call.lastIndexOf(" : ");
      calls.add(
          new LoggedCall(
              call.substring("call ".length(), colon), call.substring(colon + 3), read(printed)));
    }
  }

  private static List<Line> read(List<String> printed) {
    List<Line> log = new ArrayList<>();
    String said = "";
    boolean inWarning = false;
    boolean inDump = false;
    for (String line : printed) {
      Matcher warning = WARNING.matcher(line);
      if (line.endsWith("[ cut here ]------------")) {
        said = "";
        inWarning = true;
      } else if (inWarning && !inDump && warning.matches()) {
        log.add(new Line(said, warning.group(1)));
        inDump = true;
      } else if (line.startsWith("---[ end trace")) {
        inWarning = false;
        inDump = false;
      } else if (inWarning && !inDump) {
        said = withoutRun(line);
      } else if (!inWarning) {
        log.add(new Line(withoutRun(line), ""));
      }
    }
    return log;
  }

  private static String withoutRun(String line) {
    return line.replaceFirst(PROCESS, "COMM:PID")
        .replaceFirst(OWN_CALLER, "OFFSET/SIZE")
        .replaceFirst(MODULE_CALLER, "CALLER")
        .replaceFirst(DURATION, "TIME")
        .replaceFirst(FLAGS, "");
  }
}
