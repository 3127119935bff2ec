// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.pager.internal.link.Reply;
import dev.memremap.pager.internal.link.Request;
import dev.memremap.pager.internal.link.RequestServer;
import dev.memremap.pager.internal.link.WorkerLink;
import dev.memremap.pager.internal.state.Settings;
import dev.memremap.pager.toy.ToyStore;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of a page that did not come. */
class WorkerAnswersTest {
  private static final int PAGE = 4096;

  @TempDir private Path folder;

  /** As a worker does that knows of page 7 why it did not come, and of no other one. */
  private static Reply answer(Request request) {
    return Reply.done(request, request.first() == 7 ? "the disk is full" : "");
  }

  @Test
  @DisplayName(
      "A page that did not come in time is said to be so, whether or not the store answers")
  void reasons() throws IOException {
    Settings settings =
        OpenSettings.of(
            new ToyStore.Location(folder.resolve("store")),
            1 << 20,
            PAGE,
            RemoteMemory.limit(Duration.ofSeconds(60)));
    Path socket = settings.folder().resolve("worker");
    try (RequestServer worker = RequestServer.start(socket, WorkerAnswersTest::answer);
        WorkerLink link = new WorkerLink(socket, () -> {})) {
      link.start();
      WorkerAnswers answers = new WorkerAnswers(settings, 1, link, Arena.global().scope());

      RemoteMemoryException one = answers.reasoned(3 * PAGE + 5, 8, null);
      assertThat(one.reason()).isEqualTo("the page did not come within 60,000 ms; try again");
      assertThat(one.page()).hasValue(3);
      RemoteMemoryException some = answers.reasoned(3 * PAGE, 2 * PAGE, null);
      assertThat(some.reason())
          .isEqualTo("pages 3 to 4 did not all come within 60,000 ms; try again");
      assertThat(some.page()).isEmpty();
      RemoteMemoryException known = answers.reasoned(6 * PAGE, 3 * PAGE, null);
      assertThat(known.reason()).isEqualTo("the disk is full");
      assertThat(known.page()).hasValue(7);
    } finally {
      Files.deleteIfExists(socket);
      Files.delete(settings.folder());
    }
  }
}
