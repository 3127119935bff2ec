// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.documents;

import dev.memremap.cli.CommandRun;
import dev.memremap.cli.Schemas;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The blocks of a page, carried out in order, in one folder. */
final class PageRun implements AutoCloseable {
  /** A program that is run from its source: what the launcher does is done here, faster. */
  private static final Pattern PROGRAM =
      Pattern.compile(
          "java (?:--enable-native-access=ALL-UNNAMED )?"
              + "-cp (?:\\$MEMREMAP/)?core/target/classes(?::\\$MEMREMAP/[a-z]+/target/classes)?"
              + " ([A-Za-z/]*?)([A-Za-z0-9]+)\\.java([^|<>;&]*)");

  private final Path folder;
  private final Mark.Kind kind;
  private final Path compiled;
  private final ShellProcess shell;
  private final List<String> differences = new ArrayList<>();
  private final Map<Block, String> printed = new TreeMap<>(Comparator.comparing(Block::line));
  private @Nullable CommandRun last;
  private int programs;

  /**
   * Begins.
   *
   * @param folder where it is carried out
   * @param scratch an empty folder
   */
  PageRun(Path folder, Path scratch) throws IOException {
    this(folder, scratch, Mark.Kind.RUN);
  }

  private PageRun(Path folder, Path scratch, Mark.Kind kind) throws IOException {
    this.folder = folder;
    this.kind = kind;
    this.compiled = Files.createDirectory(scratch.resolve("compiled"));
    this.shell = new ShellProcess(folder, Files.createDirectory(scratch.resolve("bin")));
  }

  /** Begins in a guest, as root: only what is marked for one is run there. */
  static PageRun inGuest(Path folder, Path scratch) throws IOException {
    return new PageRun(folder, scratch, Mark.Kind.GUEST);
  }

  /** Begins where there is time: what takes longer is run, too. */
  static PageRun thorough(Path folder, Path scratch) throws IOException {
    return new PageRun(folder, scratch, Mark.Kind.THOROUGH);
  }

  private boolean isCarriedOut(Mark.Kind marked) {
    return marked == kind || marked == Mark.Kind.RUN && kind == Mark.Kind.THOROUGH;
  }

  /** What the page shows and was not printed, in sentences with its place. */
  List<String> differences() {
    return differences;
  }

  /** The text that blocks ought to have. */
  Map<Block, String> printed() {
    return printed;
  }

  /** Carries out all blocks of a page, as their marks say. */
  void carryOut(Page page) throws IOException, InterruptedException {
    List<Block> blocks = page.blocks();
    for (int i = 0; i < blocks.size(); i++) {
      Block next = i + 1 < blocks.size() ? blocks.get(i + 1) : null;
      carryOut(blocks.get(i), next != null && next.isOutput());
    }
  }

  /**
   * Carries out a block.
   *
   * @param isFollowed whether what its last command prints is shown in the next block
   */
  private void carryOut(Block block, boolean isFollowed) throws IOException, InterruptedException {
    Mark mark = block.mark();
    if (mark == null) {
      throw new IllegalArgumentException(block.place() + " has no mark");
    }
    switch (mark.kind()) {
      case FILE -> {
        Path file = folder.resolve(mark.text());
        Files.createDirectories(file.getParent());
        Files.writeString(file, block.text() + "\n");
      }
      case RUN, GUEST, THOROUGH -> {
        last = null;
        if (!isCarriedOut(mark.kind())) {
          return;
        }
        if (block.language().equals("java")) {
          last = java(block);
        } else {
          commands(block, mark.status(), isFollowed);
        }
      }
      case COMPILED -> {
        if (kind == Mark.Kind.RUN) {
          compile(block);
        }
      }
      case OUTPUT, CUT_OUTPUT -> {
        if (last != null) {
          compare(block, mark.kind() == Mark.Kind.CUT_OUTPUT, last);
        }
      }
      case NOT_RUN, DRAWING -> last = null;
    }
  }

  private void commands(Block block, int status, boolean isFollowed)
      throws IOException, InterruptedException {
    boolean hasPrompts = block.text().startsWith("$ ");
    StringBuilder text = new StringBuilder();
    List<Block.Step> steps = block.steps();
    for (Block.Step step : steps) {
      CommandRun run = run(step.line());
      boolean isLast = step == steps.getLast();
      if (run.status() != (isLast ? status : 0)) {
        differences.add(
            "%s: %s ends with %d: %s%s"
                .formatted(block.place(), step.line(), run.status(), run.err(), run.out()));
      }
      List<String> lines = lines(run);
      last = run;
      boolean isShownHere = hasPrompts && !(isLast && isFollowed);
      if (isShownHere && !Shown.matches(step.output(), lines)) {
        differences.add(
            "%s: %s prints\n%s".formatted(block.place(), step.line(), String.join("\n", lines)));
      }
      text.append(text.isEmpty() ? "$ " : "\n$ ").append(step.line()).append('\n');
      if (isShownHere) {
        lines.forEach(line -> text.append(line).append('\n'));
      }
    }
    if (hasPrompts && !block.text().contains("…")) {
      printed.put(block, text.toString().stripTrailing());
    }
  }

  /** What a terminal shows: what a command says on standard error, and what it prints. */
  private static List<String> lines(CommandRun run) {
    return Stream.concat(run.err().lines(), run.out().lines()).toList();
  }

  private CommandRun run(String line) throws IOException, InterruptedException {
    if (line.contains("sudo ") && kind != Mark.Kind.GUEST) {
      throw new IllegalArgumentException("only in a guest there is a root: " + line);
    }
    Matcher java = PROGRAM.matcher(line);
    if (java.matches()) {
      String type = java.group(2);
      Path source = folder.resolve(java.group(1)).resolve(type + ".java");
      JavaText.compile(compiled, type, Files.readString(source), line);
      Stream<String> arguments = java.group(3).lines().flatMap(each -> Stream.of(each.split(" ")));
      return shell.run(
          Stream.concat(
                  Stream.of("class", compiled.toString(), type),
                  arguments.filter(word -> !word.isEmpty()))
              .toList());
    }
    Optional<List<String>> words = ShellWords.of(line);
    if (words.isEmpty()) {
      return shell.bash(line);
    }
    List<String> plain = words.get();
    if (plain.getFirst().equals("sudo")) {
      plain = plain.subList(1, plain.size());
    }
    String program = plain.getFirst().replaceFirst("^\\./", "");
    if (program.equals("memremap")) {
      return shell.run(Stream.concat(Stream.of(program), plain.stream().skip(1)).toList());
    }
    return shell.bash(line);
  }

  private CommandRun java(Block block) throws IOException {
    CommandRun run = shell.run(List.of("class", compiled.toString(), compile(block)));
    if (run.status() != 0) {
      differences.add(block.place() + " fails: " + run.err());
    }
    return run;
  }

  private String compile(Block block) throws IOException {
    String type = "Block" + ++programs;
    JavaText.compile(compiled, type, JavaText.source(block), block.place());
    return type;
  }

  private void compare(Block block, boolean isCut, CommandRun last) {
    if (block.language().equals("json")) {
      JsonNode shown = JsonMapper.shared().readTree(block.text());
      JsonNode answer = Schemas.check(last.out());
      if (isCut ? !Shown.isPartOf(shown, answer) : !shown.equals(answer)) {
        differences.add(block.place() + ": the command prints\n" + last.out());
      }
      return;
    }
    List<String> lines = lines(last);
    if (!Shown.matches(block.text().lines().toList(), lines)) {
      differences.add(block.place() + ": it prints\n" + String.join("\n", lines));
    }
    if (!block.text().contains("…")) {
      printed.put(block, String.join("\n", lines));
    }
  }

  @Override
  public void close() throws IOException, InterruptedException {
    shell.close();
  }
}
