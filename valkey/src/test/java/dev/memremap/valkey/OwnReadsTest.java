// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memremap.pager.store.MarkedPages;
import dev.memremap.pager.store.StoreException;
import dev.memremap.pager.store.StoreException.Kind;
import dev.memremap.valkey.ScriptedNode.Question;
import dev.memremap.valkey.servers.RunningCluster;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What reads over connections of their own do with whatever a node answers. */
class OwnReadsTest {
  private static final int PAGE = 4096;
  private static final String EPOCH = "7";
  private static final Duration LONG = Duration.ofMinutes(1);

  private final MemorySegment room = Arena.ofAuto().allocate(PAGE);

  private static OwnReads reads(Nodes nodes, String location) {
    PageKeys keys = new PageKeys("memremap", PAGE);
    return new OwnReads(
        new NodeOptions(PlaceText.read(java.net.URI.create(location)), "s3cret"),
        keys,
        new Attempts(nodes, new Troubles(nodes, keys)));
  }

  private static OwnReads reads(Nodes nodes) {
    return reads(nodes, "valkey://h?timeout=60s");
  }

  private long read(OwnReads reads, long page) throws StoreException {
    return read(reads, page, LONG);
  }

  private long read(OwnReads reads, long page, Duration time) throws StoreException {
    room.fill((byte) 9);
    assertThat(reads.read(page, 1, room, Deadline.in(time))).isEqualTo(7);
    return MarkedPages.version(room, page);
  }

  /** The answer to a question for one page. */
  private static byte[] answer(Question question, long version) {
    assertThat(question.words()).hasSize(3).startsWith("MGET", "{memremap:0}fence");
    String key = question.words().getLast();
    long page = Long.parseLong(key.substring(key.indexOf('}') + 1), 16);
    MemorySegment bytes = Arena.ofAuto().allocate(PAGE);
    MarkedPages.fill(bytes, page, version);
    return Resp.values(Resp.bytes(EPOCH), Resp.value(page, bytes));
  }

  private static StoreException refused(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    StoreException refused = catchThrowableOfType(StoreException.class, call);
    assertThat(refused).isNotNull();
    return refused;
  }

  @Test
  @DisplayName("pages are read over one connection, which is used again; it greets by name once")
  void again() throws Exception {
    try (ScriptedNode node =
            ScriptedNode.start(
                false,
                (question, line) ->
                    line.say(
                        switch (question.words().getFirst()) {
                          case "HELLO" -> Resp.bytes("%1\r\n+proto\r\n:3\r\n");
                          case "SELECT" -> Resp.bytes("+OK\r\n");
                          default -> answer(question, 2);
                        }));
        OwnReads reads =
            reads(new ScriptedNodes(node.host()), "valkey://app@h/3?client=c&timeout=60s")) {
      for (int page = 0; page < 20; page++) {
        assertThat(read(reads, page)).isEqualTo(2);
      }
      assertThat(node.connections()).isEqualTo(1);
      assertThat(node.questions().get(0).words())
          .containsExactly("HELLO", "3", "AUTH", "app", "s3cret", "SETNAME", "c");
      assertThat(node.questions().get(1).words()).containsExactly("SELECT", "3");
      assertThat(node.questions()).hasSize(22);
    }
  }

  @Test
  @DisplayName("an answer that comes byte by byte is read")
  void byteByByte() throws Exception {
    try (ScriptedNode node =
            ScriptedNode.start(
                (question, line) -> {
                  for (byte each : answer(question, 2)) {
                    line.say(new byte[] {each});
                  }
                });
        OwnReads reads = reads(new ScriptedNodes(node.host()))) {
      assertThat(read(reads, 1)).isEqualTo(2);
      assertThat(read(reads, 2)).isEqualTo(2);
    }
  }

  @Test
  @DisplayName("MOVED: it goes there at once, and says that something has moved")
  void moved() throws Exception {
    try (ScriptedNode there =
            ScriptedNode.start((question, line) -> line.say(answer(question, 4)));
        ScriptedNode here =
            ScriptedNode.start(
                (question, line) -> line.say("-MOVED 9 127.0.0.1:%d\r\n".formatted(there.port())));
        ScriptedNode nameless =
            ScriptedNode.start(
                (question, line) -> line.say("-MOVED 9 :%d\r\n".formatted(there.port())))) {
      for (ScriptedNode each : List.of(here, nameless)) {
        ScriptedNodes nodes = new ScriptedNodes(each.host());
        try (OwnReads reads = reads(nodes)) {
          assertThat(read(reads, 1)).isEqualTo(4);
          assertThat(nodes.looks()).isEqualTo(1);
          assertThat(each.questions()).hasSize(1);
          assertThat(read(reads, 2)).isEqualTo(4);
          assertThat(each.connections()).isEqualTo(1);
        }
      }
    }
  }

  @Test
  @DisplayName("ASK: it asks there with ASKING before, for this once")
  void ask() throws Exception {
    try (ScriptedNode there =
            ScriptedNode.start(
                (question, line) ->
                    line.say(
                        question.words().equals(List.of("ASKING"))
                            ? Resp.bytes("+OK\r\n")
                            : answer(question, 4)));
        ScriptedNode here =
            ScriptedNode.start(
                (question, line) -> line.say("-ASK 9 127.0.0.1:%d\r\n".formatted(there.port())))) {
      ScriptedNodes nodes = new ScriptedNodes(here.host());
      try (OwnReads reads = reads(nodes)) {
        assertThat(read(reads, 1)).isEqualTo(4);
        assertThat(read(reads, 2)).isEqualTo(4);
        assertThat(nodes.looks()).isZero();
        assertThat(here.questions()).hasSize(2);
        assertThat(there.questions().stream().map(each -> each.words().getFirst()))
            .containsExactly("ASKING", "MGET", "ASKING", "MGET");
      }
    }
  }

  @Test
  @DisplayName("nodes that send it to each other for ever are named when the time is over")
  void circle() throws Exception {
    try (ScriptedNode node =
        ScriptedNode.start(
            (question, line) ->
                line.say("-MOVED 9 127.0.0.1:%d\r\n".formatted(line.socket().getLocalPort())))) {
      try (OwnReads reads = reads(new ScriptedNodes(node.host()))) {
        StoreException refused = refused(() -> read(reads, 1, Duration.ofSeconds(2)));
        assertThat(refused.kind()).isEqualTo(Kind.OUTAGE);
        assertThat(refused).hasMessageContaining("page 1 not read: its keys are moving");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "LOADING Valkey is loading the dataset in memory",
        "CLUSTERDOWN The cluster is down",
        "TRYAGAIN Multiple keys request during rehashing of slot",
        "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
        "READONLY You can't read against a read only replica.",
        "BUSY Valkey is busy running a script."
      })
  @DisplayName("what passes is asked again, on the same connection, until it has passed")
  void passes(String error) throws Exception {
    try (ScriptedNode node =
        ScriptedNode.start(
            (question, line) ->
                line.say(
                    question.number() < 2
                        ? Resp.bytes("-" + error + "\r\n")
                        : answer(question, 5)))) {
      ScriptedNodes nodes = new ScriptedNodes(node.host());
      try (OwnReads reads = reads(nodes)) {
        assertThat(read(reads, 1)).isEqualTo(5);
        assertThat(nodes.looks()).isEqualTo(2);
        assertThat(node.connections()).isEqualTo(1);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"NOAUTH", "WRONGPASS", "NOPERM", "ERR", "MISCONF", "OOM"})
  @DisplayName("what does not pass is said at once, in the sentence that it has everywhere")
  void stays(String word) throws Exception {
    for (boolean greets : new boolean[] {true, false}) {
      try (ScriptedNode node =
              ScriptedNode.start(
                  greets, (question, line) -> line.say("-%s so it is\r\n".formatted(word)));
          OwnReads reads = reads(new ScriptedNodes(node.host()))) {
        StoreException refused = refused(() -> read(reads, 1));
        StoreException elsewhere =
            Trouble.exception(
                "ValkeyStore",
                1,
                new io.lettuce.core.RedisCommandExecutionException(word + " so it is"));
        String sentence = elsewhere.getMessage().substring("ValkeyStore".length());
        assertThat(refused).hasMessageEndingWith("page 1 not read" + sentence);
        assertThat(node.questions()).hasSize(1);
      }
    }
  }

  @Test
  @DisplayName("an answer that is cut off is asked for again, over another connection")
  void cutOff() throws Exception {
    try (ScriptedNode node =
            ScriptedNode.start(
                (question, line) -> {
                  byte[] answer = answer(question, 1 + question.number());
                  if (question.number() == 1) {
                    line.say(java.util.Arrays.copyOf(answer, 3000));
                    line.close();
                  } else {
                    line.say(answer);
                  }
                });
        OwnReads reads = reads(new ScriptedNodes(node.host()))) {
      assertThat(read(reads, 1)).isEqualTo(1);
      assertThat(read(reads, 1)).isEqualTo(3);
      assertThat(node.connections()).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"HTTP/1.1 400 Bad Request\r\n\r\n", "+OK\r\n", ":1\r\n*2\r\n_\r\n_\r\n"})
  @DisplayName("garbage, and an answer too many, end a connection; the next question has another")
  void garbage(String garbage) throws Exception {
    try (ScriptedNode node =
            ScriptedNode.start(
                (question, line) ->
                    line.say(
                        question.number() == 0
                            ? Resp.bytes(garbage)
                            : question.number() == 1
                                ? Resp.joined(answer(question, 6), Resp.bytes("_\r\n"))
                                : answer(question, 7)));
        OwnReads reads = reads(new ScriptedNodes(node.host()))) {
      // what came beside the second answer may come with it, or be found before the third
      assertThat(read(reads, 1)).isIn(6L, 7L);
      assertThat(read(reads, 2)).isEqualTo(7);
      RunningCluster.await(() -> node.closed() == 2);
      assertThat(node.connections()).isEqualTo(3);
    }
    try (ScriptedNode node = ScriptedNode.start((question, line) -> line.say(garbage));
        OwnReads reads = reads(new ScriptedNodes(node.host()))) {
      StoreException refused = refused(() -> read(reads, 1, Duration.ofSeconds(1)));
      assertThat(refused.kind()).isEqualTo(Kind.OUTAGE);
      assertThat(refused).hasMessageContaining("another language than RESP3");
    }
  }

  @Test
  @DisplayName("an answer that comes too late is never the answer to the next question")
  void late() throws Exception {
    CountDownLatch isOver = new CountDownLatch(1);
    try (ScriptedNode node =
            ScriptedNode.start(
                (question, line) -> {
                  if (question.number() == 1) {
                    byte[] answer = answer(question, 8);
                    line.say(java.util.Arrays.copyOf(answer, 100));
                    isOver.await();
                    line.say(java.util.Arrays.copyOfRange(answer, 100, answer.length));
                  } else {
                    line.say(answer(question, 9));
                  }
                });
        OwnReads reads = reads(new ScriptedNodes(node.host()), "valkey://h?timeout=60s")) {
      assertThat(read(reads, 2)).isEqualTo(9);
      StoreException late = refused(() -> read(reads, 3, Duration.ofMillis(500)));
      assertThat(late.kind()).isEqualTo(Kind.OUTAGE);
      assertThat(late.page()).hasValue(3);
      assertThat(late).hasMessageContaining("page 3 not read: no answer in time");
      assertThat(room.asByteBuffer().get(0)).isEqualTo((byte) 9);
      isOver.countDown();
      assertThat(read(reads, 3)).isEqualTo(9);
      assertThat(read(reads, 4)).isEqualTo(9);
      RunningCluster.await(() -> node.closed() == 1);
      assertThat(node.connections()).isEqualTo(2);
    }
  }

  @Test
  @DisplayName("half the time is over without an answer: it is asked for over another connection")
  void silent() throws Exception {
    try (ScriptedNode node =
            ScriptedNode.start(
                (question, line) -> {
                  if (question.number() > 0) {
                    line.say(answer(question, 9));
                  }
                });
        OwnReads reads = reads(new ScriptedNodes(node.host()), "valkey://h?timeout=100ms")) {
      assertThat(read(reads, 3)).isEqualTo(9);
      assertThat(node.connections()).isEqualTo(2);
    }
  }

  @Test
  @DisplayName("a connection that the node closed while it was idle costs nothing but another one")
  void idleClosed() throws Exception {
    CountDownLatch isClosed = new CountDownLatch(1);
    try (ScriptedNode node =
        ScriptedNode.start(
            (question, line) -> {
              line.say(answer(question, 1 + question.number()));
              if (question.number() == 0) {
                line.close();
                isClosed.countDown();
              }
            })) {
      ScriptedNodes nodes = new ScriptedNodes(node.host());
      try (OwnReads reads = reads(nodes)) {
        assertThat(read(reads, 1)).isEqualTo(1);
        isClosed.await();
        assertThat(read(reads, 2)).isEqualTo(2);
        assertThat(nodes.looks()).isZero();
      }
    }
  }

  @Test
  @DisplayName("a node that takes no connection is given up in time; one that refuses is named")
  void unconnected() throws Exception {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    List<Socket> waiting = new ArrayList<>();
    int port;
    try (ServerSocket full = new ServerSocket(0, 1, loopback)) {
      port = full.getLocalPort();
      for (int i = 0; i < 8; i++) {
        Socket socket = new Socket();
        waiting.add(socket);
        try {
          socket.connect(full.getLocalSocketAddress(), 100);
        } catch (IOException e) {
          break; // they are never taken, and now more find no room
        }
      }
      try (OwnReads reads = reads(new ScriptedNodes(new Place.Host("127.0.0.1", port)))) {
        assertThat(refused(() -> read(reads, 1, Duration.ofMillis(60))))
            .hasMessageContaining("no answer in time");
      }
    } finally {
      for (Socket each : waiting) {
        each.close();
      }
    }
    for (String name : List.of("127.0.0.1", "localhost")) {
      try (OwnReads reads = reads(new ScriptedNodes(new Place.Host(name, port)))) {
        assertThat(refused(() -> read(reads, 1, Duration.ofSeconds(1))))
            .hasMessageContaining("page 1 not read: no connection; look whether the node runs")
            .hasMessageEndingWith("(%s:%d: connection refused)".formatted(name, port));
      }
    }
    try (OwnReads reads = reads(new ScriptedNodes(new Place.Host("no-such.invalid", 1)))) {
      assertThat(refused(() -> read(reads, 1, Duration.ofMillis(300))))
          .hasMessageContaining("page 1 not read: no");
    }
  }

  @Test
  @DisplayName(
      "what more threads ask than a node gets connections, and what is too large, go over Lettuce")
  void shared() throws Exception {
    CountDownLatch goes = new CountDownLatch(1);
    try (ExecutorService threads = Executors.newCachedThreadPool();
        ScriptedNode node =
            ScriptedNode.start(
                (question, line) -> {
                  goes.await();
                  line.say(answer(question, 1));
                });
        OwnReads reads = reads(new ScriptedNodes(node.host()))) {
      List<Future<Long>> all = new ArrayList<>();
      for (int i = 0; i < OwnConnections.PER_NODE; i++) {
        all.add(
            threads.submit(
                () -> reads.read(1, 1, Arena.ofAuto().allocate(PAGE), Deadline.in(LONG))));
      }
      RunningCluster.await(() -> node.questions().size() == OwnConnections.PER_NODE);
      assertThatThrownBy(() -> read(reads, 2)).isInstanceOf(ScriptedNodes.SharedException.class);
      goes.countDown();
      for (Future<Long> each : all) {
        assertThat(each.get()).isEqualTo(7);
      }
      assertThat(read(reads, 2)).isEqualTo(1);
      assertThat(node.connections()).isEqualTo(OwnConnections.PER_NODE);
      int many = (int) (OwnReads.BYTES_MOST / PAGE) + 1;
      MemorySegment large = Arena.ofAuto().allocate((long) many * PAGE);
      assertThatThrownBy(() -> reads.read(0, many, large, Deadline.in(LONG)))
          .isInstanceOf(ScriptedNodes.SharedException.class);
    }
  }

  @Test
  @DisplayName("a value that is longer than any page is left to Lettuce, and its connection closed")
  void tooLong() throws Exception {
    try (ScriptedNode node =
            ScriptedNode.start(
                (question, line) -> line.say(Resp.values(Resp.bytes(EPOCH), new byte[PAGE + 21])));
        OwnReads reads = reads(new ScriptedNodes(node.host()))) {
      assertThatThrownBy(() -> read(reads, 2)).isInstanceOf(ScriptedNodes.SharedException.class);
      RunningCluster.await(() -> node.closed() == 1);
    }
  }

  @Test
  @DisplayName("a damaged page is named, a missing one is zeros")
  void damaged() throws Exception {
    try (ScriptedNode node =
            ScriptedNode.start(
                (question, line) -> {
                  byte[] answer = answer(question, 3);
                  answer[answer.length - 10] ^= 1;
                  line.say(question.number() == 0 ? answer : Resp.values(Resp.bytes(EPOCH), null));
                });
        OwnReads reads = reads(new ScriptedNodes(node.host()))) {
      StoreException refused = refused(() -> read(reads, 6));
      assertThat(refused.kind()).isEqualTo(Kind.DAMAGED);
      assertThat(refused.page()).hasValue(6);
      assertThat(read(reads, 6)).isZero();
      assertThat(node.connections()).isEqualTo(1);
    }
  }

  @Test
  @DisplayName("a store that is closed ends what its threads wait for")
  void closed() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    try (ExecutorService threads = Executors.newCachedThreadPool();
        ScriptedNode node = ScriptedNode.start((question, line) -> never.await());
        OwnReads reads = reads(new ScriptedNodes(node.host()))) {
      Future<StoreException> waits =
          threads.submit(() -> refused(() -> read(reads, 1, Duration.ofMillis(500))));
      RunningCluster.await(() -> node.questions().size() == 1);
      reads.close();
      assertThat(waits.get()).hasMessageContaining("no connection");
      never.countDown();
    }
  }
}
