// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import io.lettuce.core.RedisCommandExecutionException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A connection to one node over which one question is asked at a time, and answered before the
 * next. One whose answer did not come, or not as expected, is of no use any more: what comes late
 * would pass for the answer to the next question.
 *
 * <p>Thread safety: one thread's at a time, but for {@link #end}.
 */
final class OwnConnection implements AutoCloseable {
  /** More than the answers to greetings, and a little beside values. */
  private static final int ROOM = 1 << 14;

  /** What stands around a value in an answer, at most. */
  private static final int AROUND = 24;

  private static final byte[] MGET = bytes("MGET");
  private static final byte[] ASKING = bytes("ASKING");

  private final Place.Host host;
  private final Wire wire;
  private final RespReader reader;
  private MemorySegment command = Arena.ofAuto().allocate(ROOM);
  private int length;
  private boolean isAtRest;
  private boolean wasUsed;
  private long usedAt = System.nanoTime();

  private OwnConnection(Place.Host host, Wire wire) {
    this.host = host;
    this.wire = wire;
    this.reader = new RespReader(wire, ROOM);
  }

  /**
   * Connects, and gives user and name.
   *
   * @param encryption null for none
   * @throws io.lettuce.core.RedisException if the node refuses, or does not answer
   * @throws ExecutionException if its name has no address
   */
  static OwnConnection open(
      Place.Host host, NodeOptions options, @Nullable Encryption encryption, Deadline deadline)
      throws ExecutionException, TimeoutException {
    OwnConnection made = new OwnConnection(host, wire(host, options, encryption, deadline));
    try {
      made.greet(options, deadline);
      return made;
    } catch (TimeoutException | RuntimeException | Error e) {
      made.close();
      throw e;
    }
  }

  private static Wire wire(
      Place.Host host, NodeOptions options, @Nullable Encryption encryption, Deadline deadline)
      throws ExecutionException, TimeoutException {
    OwnSocket socket =
        OwnSocket.connect(
            address(host.name(), deadline),
            host.port(),
            host.toString(),
            options.commandTimeout(),
            deadline);
    return encryption == null
        ? socket
        : EncryptedSocket.over(socket, encryption.engine(host), deadline);
  }

  /** Asking for a name's address has no limit of its own. */
  private static InetAddress address(String name, Deadline deadline)
      throws ExecutionException, TimeoutException {
    CompletableFuture<InetAddress> found = new CompletableFuture<>();
    Runnable ask =
        () -> {
          try {
            found.complete(InetAddress.getByName(name));
          } catch (IOException | RuntimeException e) {
            found.completeExceptionally(e);
          }
        };
    boolean isAddress = name.indexOf(':') >= 0 || name.matches("[0-9.]+");
    if (isAddress) {
      ask.run();
    } else {
      Thread.ofPlatform().daemon().name("memremap valkey: names").start(ask);
    }
    return deadline.await(found);
  }

  private void greet(NodeOptions options, Deadline deadline) throws TimeoutException {
    Place place = options.place();
    List<byte[]> hello = new ArrayList<>(List.of(bytes("HELLO"), bytes("3")));
    if (!place.user().isEmpty() || !options.password().isEmpty()) {
      String user = place.user().isEmpty() ? "default" : place.user();
      hello.addAll(List.of(bytes("AUTH"), bytes(user), bytes(options.password())));
    }
    hello.addAll(List.of(bytes("SETNAME"), bytes(place.clientName())));
    isAtRest = false;
    length = 0;
    add(hello);
    int questions = 1;
    if (place.database() > 0) {
      add(List.of(bytes("SELECT"), bytes(Integer.toString(place.database()))));
      questions++;
    }
    wire.send(command, length, deadline);
    command.fill((byte) 0); // it had the password
    reader.begin(ROOM, deadline);
    for (int i = 0; i < questions; i++) {
      reader.skip();
    }
    rest();
  }

  /**
   * Asks for the values of keys.
   *
   * @param keys of one slot
   * @param isAsking whether the node gets the slot just now, and the one that had it said to ask
   *     here
   * @param values what takes them
   * @param room how many bytes all of them may have
   * @throws io.lettuce.core.RedisException if the node answers otherwise
   */
  void read(List<byte[]> keys, boolean isAsking, PageValues values, int room, Deadline deadline)
      throws TimeoutException {
    isAtRest = false;
    length = 0;
    if (isAsking) {
      add(List.of(ASKING));
    }
    addMget(keys);
    wire.send(command, length, deadline);
    reader.begin(room + AROUND * (keys.size() + 1), deadline);
    try {
      if (isAsking) {
        reader.skip();
      }
      reader.values(values);
    } catch (RedisCommandExecutionException refused) {
      // a whole answer, unless it was the first of two
      isAtRest = !isAsking && reader.isAtEnd();
      throw refused;
    }
    rest();
    wasUsed = true;
  }

  /** All was answered, and nothing came beside it. */
  private void rest() {
    reader.requireEnd();
    usedAt = System.nanoTime();
    isAtRest = true;
  }

  private void addMget(List<byte[]> keys) {
    begin(keys.size() + 1);
    part(MGET);
    for (int i = 0; i < keys.size(); i++) {
      part(keys.get(i));
    }
  }

  private void add(List<byte[]> words) {
    begin(words.size());
    words.forEach(this::part);
  }

  private void begin(int parts) {
    reserve(AROUND);
    put('*');
    put(parts);
  }

  private void part(byte[] word) {
    reserve(word.length + AROUND);
    put('$');
    put(word.length);
    MemorySegment.copy(word, 0, command, ValueLayout.JAVA_BYTE, length, word.length);
    length += word.length;
    put('\r');
    put('\n');
  }

  private void put(char one) {
    command.set(ValueLayout.JAVA_BYTE, length++, (byte) one);
  }

  /** Puts a number that is not negative, and ends the line. */
  private void put(int number) {
    int power = 1;
    while (number / power >= 10) {
      power *= 10;
    }
    for (; power > 0; power /= 10) {
      put((char) ('0' + number / power % 10));
    }
    put('\r');
    put('\n');
  }

  private void reserve(int bytes) {
    if (command.byteSize() - length < bytes) {
      command = Arena.ofAuto().allocate(2 * command.byteSize() + bytes).copyFrom(command);
    }
  }

  /** The node that it leads to. */
  Place.Host host() {
    return host;
  }

  /** Whether another question may be asked. */
  boolean isAtRest() {
    return isAtRest;
  }

  /** Whether it has answered any question yet; the node may have closed one that has. */
  boolean wasUsed() {
    return wasUsed;
  }

  /** When it answered last, as {@link System#nanoTime} counts. */
  long usedAt() {
    return usedAt;
  }

  /** Ends what its thread waits for. */
  void end() {
    wire.end();
  }

  @Override
  public void close() {
    wire.close();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
