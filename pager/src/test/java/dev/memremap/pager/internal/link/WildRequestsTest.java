// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.pager.NeedsUserfaultfd;
import dev.memremap.pager.internal.link.Request.Operation;
import dev.memremap.pager.internal.process.RunningMemory;
import dev.memremap.pager.internal.process.Worker;
import dev.memremap.pager.internal.state.Counter;
import dev.memremap.pager.internal.state.Settings;
import dev.memremap.pager.internal.state.StateFile;
import dev.memremap.pager.internal.state.StateFile.Phase;
import dev.memremap.pager.internal.state.StateFile.Role;
import dev.memremap.pager.internal.sys.Native;
import dev.memremap.pager.toy.Application;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a worker does with ranges that only another program than ours would send. */
@NeedsUserfaultfd
class WildRequestsTest {
  @TempDir private Path folder;

  @Test
  @DisplayName("Pages that the memory does not have are refused in a sentence, and harm nothing")
  void outside() throws IOException {
    try (Application.Running application = Application.Running.start(folder.resolve("a"));
        RunningMemory memory = RunningMemory.of(Native.calls(), application.pid()).get(0)) {
      StateFile state = memory.state();
      Settings settings = state.settings();
      int pages = settings.pages();
      long worker = state.process(Role.WORKER);
      int[][] wild = {
        {-1, 1},
        {-1, 2},
        {pages, 1},
        {pages - 1, 2},
        {0, pages + 1},
        {0, 0},
        {0, -1},
        {pages - 1, Integer.MAX_VALUE},
        {1, Integer.MAX_VALUE},
        {Integer.MIN_VALUE, Integer.MIN_VALUE},
        {Integer.MIN_VALUE, 1},
        {Integer.MAX_VALUE, 1},
        {Integer.MAX_VALUE, Integer.MAX_VALUE},
        {0, Integer.MIN_VALUE}
      };
      try (SocketChannel peer =
          SocketChannel.open(
              UnixDomainSocketAddress.of(settings.folder().resolve(Worker.SOCKET)))) {
        Wire wire = new Wire(peer);
        for (Operation operation : Operation.values()) {
          for (int[] range : operation.namesPages() ? wild : new int[0][]) {
            Request request = new Request(7, operation, range[0], range[1], "");
            wire.write(request);
            assertThat(wire.readReply())
                .isEqualTo(
                    Reply.refused(
                        request,
                        -1,
                        "%,d pages from page %,d on: the memory has the pages 0 to %,d"
                            .formatted(range[1], range[0], pages - 1)));
          }
        }
        wire.write(new Request(8, Operation.PIN, pages - 1, 1, ""));
        assertThat(wire.readReply().isDone()).isTrue();
        assertThat(state.get(Counter.PINNED)).isEqualTo(1);
      }
      application.tell("read");
      application.answered("read");
      assertThat(state.process(Role.WORKER)).isEqualTo(worker);
      assertThat(state.phase()).isEqualTo(Phase.OPEN);
      assertThat(state.settings()).isEqualTo(settings);
      application.tell("close");
      application.answered("close");
    }
  }
}
