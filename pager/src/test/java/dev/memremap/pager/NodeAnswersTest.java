// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.pager.internal.link.Reply;
import dev.memremap.pager.internal.link.Request;
import dev.memremap.pager.internal.link.Request.Operation;
import dev.memremap.pager.store.NodeFigures;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** How the worker is asked for the figures of nodes. */
class NodeAnswersTest {
  private final List<CompletableFuture<Reply>> asked = new ArrayList<>();
  private final NodeAnswers answers =
      new NodeAnswers(
          () -> {
            asked.add(new CompletableFuture<>());
            return asked.getLast();
          });

  private static NodeFigures figures(String node, int of) {
    return new NodeFigures(
        node, of, of + 1, of + 2, of + 3, of + 4, of + 5, of + 6, of + 7, of + 8, of + 9);
  }

  private static Reply reply(NodeFigures... all) {
    return Reply.done(new Request(1, Operation.NODES, 0, 0, ""), NodeFigures.text(List.of(all)));
  }

  @Test
  @DisplayName("figures are read again from their text; any other line is left out")
  void text() {
    List<NodeFigures> all = List.of(figures("a:1", 10), figures("[::1]:2", Integer.MAX_VALUE));
    assertThat(NodeFigures.read(NodeFigures.text(all))).isEqualTo(all);
    assertThat(NodeFigures.read("")).isEmpty();
    assertThat(NodeFigures.read("a\t1\nb" + "\tx".repeat(10) + "\nc" + "\t7".repeat(10)))
        .containsExactly(new NodeFigures("c", 7, 7, 7, 7, 7, 7, 7, 7, 7, 7));
    assertThat(figures("a\tb\nc", 1).node()).isEqualTo("a b c");
  }

  @Test
  @DisplayName("a worker that does not answer is asked once, and what it said before is returned")
  void silent() {
    assertThat(answers.now()).isEmpty();
    assertThat(answers.now()).isEmpty();
    assertThat(asked).hasSize(1);
    asked.getFirst().complete(reply(figures("a", 1)));
    assertThat(answers.now()).containsExactly(java.util.Map.entry("a", figures("a", 1)));
    assertThat(asked).as("it has just answered").hasSize(1);
  }

  @Test
  @DisplayName("a second after its answer it is asked again; a node that it no longer knows stays")
  void again() {
    assertThat(answers.now()).isEmpty();
    asked.getFirst().complete(reply(figures("a", 1), figures("b", 1)));
    while (asked.size() == 1) {
      assertThat(answers.now()).hasSize(2);
    }
    asked.getLast().complete(reply(figures("b", 5), figures("c", 5)));
    assertThat(answers.now())
        .hasSize(3)
        .containsEntry("a", figures("a", 1))
        .containsEntry("b", figures("b", 5))
        .containsEntry("c", figures("c", 5));
    assertThat(asked).hasSize(2);
  }

  @Test
  @DisplayName("a memory that is closed is asked once more at most")
  void closed() {
    NodeAnswers none =
        new NodeAnswers(
            () -> {
              asked.add(CompletableFuture.failedFuture(new IllegalStateException("closed")));
              return asked.getLast();
            });
    assertThat(none.now()).isEmpty();
    assertThat(none.now()).isEmpty();
    assertThat(asked).hasSize(1);
  }

  @Test
  @DisplayName("an interrupted thread waits no longer, and stays interrupted")
  void interrupted() {
    Thread.currentThread().interrupt();
    assertThat(answers.now()).isEmpty();
    assertThat(Thread.interrupted()).isTrue();
  }
}
