// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.documents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.cli.CommandRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The pictures of README.md: the command above them makes each, to the byte. {@code
 * -Dgolden.update=true} writes them anew.
 */
class PicturesTest {
  private static final Pattern COMMAND =
      Pattern.compile("^ {4}\\./memremap (.* --svg )(docs/pictures/\\S+)$", Pattern.MULTILINE);
  private static final Pattern SHOWN = Pattern.compile("!\\[[^]]+]\\((docs/pictures/[^)]+)\\)");

  @TempDir private Path folder;

  private static List<MatchResult> commands() throws IOException {
    return COMMAND.matcher(Files.readString(Page.ROOT.resolve("README.md"))).results().toList();
  }

  private byte[] drawn(MatchResult command) throws IOException {
    Path file = folder.resolve("x.svg");
    String line = command.group(1).replace("examples/", Page.ROOT + "/examples/");
    CommandRun run = CommandRun.run((line + file).split(" "));
    assertThat(run.err()).as(command.group()).isEmpty();
    return Files.readAllBytes(file);
  }

  @Test
  @DisplayName("each picture of the README is what its command draws")
  void pictures() throws IOException {
    for (MatchResult command : commands()) {
      Path kept = Page.ROOT.resolve(command.group(2));
      byte[] drawn = drawn(command);
      if (Boolean.getBoolean("golden.update")) {
        Files.write(kept, drawn);
      }
      assertThat(drawn)
          .as("%s; -Dgolden.update=true draws it anew", command.group())
          .isEqualTo(Files.readAllBytes(kept));
    }
  }

  @Test
  @DisplayName("the README shows three pictures, those of its commands, and no other is kept")
  void shown() throws IOException {
    List<String> made = commands().stream().map(command -> command.group(2)).sorted().toList();
    String readme = Files.readString(Page.ROOT.resolve("README.md"));
    List<String> shown =
        SHOWN.matcher(readme).results().map(found -> found.group(1)).sorted().toList();
    assertThat(made).hasSize(3).isEqualTo(shown);
    try (Stream<Path> kept = Files.list(Page.ROOT.resolve("docs/pictures"))) {
      assertThat(kept.map(file -> "docs/pictures/" + file.getFileName()).sorted().toList())
          .isEqualTo(made);
    }
  }
}
