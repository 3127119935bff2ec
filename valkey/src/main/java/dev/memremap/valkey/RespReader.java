// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisConnectionException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeoutException;

/**
 * Reads answers of a node in RESP3, as they come, out of native memory that the socket fills.
 *
 * <p>An answer ends where its own lengths say. Anything but RESP3, and an answer that does not fit
 * the room, throws; the connection is then of no use any more, since nothing says where the next
 * answer begins.
 *
 * <p>Thread safety: one thread's at a time.
 */
final class RespReader {
  /** An answer is larger than any that is expected. */
  static final class TooLargeException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private static final int DEPTH_MOST = 8;
  private static final int TEN = 10;
  private static final int DIGITS_MOST = 18;
  private static final int LINE_MOST = 1 << 12;

  /** Where bytes come from. */
  interface Source {
    /** Puts what has come behind the first bytes of a room, at least a byte; returns how many. */
    int receive(MemorySegment room, int at, Deadline deadline) throws TimeoutException;
  }

  private final Source source;
  private MemorySegment bytes;
  private ByteBuffer view;
  private Deadline deadline = new Deadline(0);
  private int came;
  private int at;

  RespReader(Source source, int room) {
    this.source = source;
    this.bytes = Arena.ofAuto().allocate(room);
    this.view = bytes.asByteBuffer();
  }

  /**
   * An answer is awaited.
   *
   * @param room how many bytes it has at most
   */
  void begin(int room, Deadline until) {
    if (bytes.byteSize() < room) {
      bytes = Arena.ofAuto().allocate(room);
      view = bytes.asByteBuffer();
    }
    deadline = until;
    came = 0;
    at = 0;
  }

  /** Whether all that came was read. */
  boolean isAtEnd() {
    return at == came;
  }

  /** More than what was asked for would pass for the answer to the next question. */
  void requireEnd() {
    if (!isAtEnd()) {
      throw garbage();
    }
  }

  private void await(int until) throws TimeoutException {
    if (until > bytes.byteSize()) {
      throw new TooLargeException();
    }
    while (came < until) {
      came += source.receive(bytes, came, deadline);
    }
  }

  private int next() throws TimeoutException {
    await(at + 1);
    return bytes.get(ValueLayout.JAVA_BYTE, at++);
  }

  /** Reads what begins a value; messages that answer nothing are passed over. */
  private int type() throws TimeoutException {
    int type = next();
    while (type == '>' || type == '|') {
      long parts = number() * (type == '|' ? 2 : 1);
      skipAll(parts, 1);
      type = next();
    }
    if (type == '-') {
      throw new RedisCommandExecutionException(line());
    }
    if (type == '!') {
      throw new RedisCommandExecutionException(text(length(number())));
    }
    return type;
  }

  /** Reads a value that only has to be no error. */
  void skip() throws TimeoutException {
    skip(0);
  }

  private void skipAll(long parts, int depth) throws TimeoutException {
    for (long i = 0; i < parts; i++) {
      skip(depth);
    }
  }

  private void skip(int depth) throws TimeoutException {
    if (depth > DEPTH_MOST) {
      throw garbage();
    }
    int type = type();
    switch (type) {
      case '+', ':', '_', '#', ',', '(' -> line();
      case '$', '=' -> {
        long length = number();
        if (length >= 0) {
          at += length(length);
          ending();
        }
      }
      case '*', '~' -> skipAll(number(), depth + 1);
      case '%' -> skipAll(2 * number(), depth + 1);
      default -> throw garbage();
    }
  }

  /**
   * Reads the values of keys.
   *
   * @param into where they go, one by one
   */
  void values(PageValues into) throws TimeoutException {
    if (type() != '*' || number() != into.expected()) {
      throw garbage();
    }
    into.begin();
    for (int i = into.expected(); i > 0; i--) {
      value(into);
    }
  }

  private void value(PageValues into) throws TimeoutException {
    int type = type();
    if (type == '_') {
      ending();
      into.next(null);
      return;
    }
    if (type != '$') {
      throw garbage();
    }
    long length = number();
    if (length < 0) {
      into.next(null);
      return;
    }
    if (length > into.mostBytes()) {
      throw new TooLargeException();
    }
    int end = at + length(length);
    await(end);
    into.next(view.limit(end).position(at));
    at = end;
    ending();
  }

  /** Reads the rest of a line as a number. */
  private long number() throws TimeoutException {
    boolean isNegative = false;
    long number = 0;
    int next = next();
    if (next == '-') {
      isNegative = true;
      next = next();
    }
    int digits = 0;
    for (; next != '\r'; next = next()) {
      if (next < '0' || next > '9' || ++digits > DIGITS_MOST) {
        throw garbage();
      }
      number = number * TEN + next - '0';
    }
    if (digits == 0 || next() != '\n') {
      throw garbage();
    }
    return isNegative ? -number : number;
  }

  private int length(long length) {
    if (length < 0) {
      throw garbage();
    }
    if (length > bytes.byteSize() - at) {
      throw new TooLargeException();
    }
    return (int) length;
  }

  private void ending() throws TimeoutException {
    if (next() != '\r' || next() != '\n') {
      throw garbage();
    }
  }

  private String line() throws TimeoutException {
    int start = at;
    while (next() != '\n') {
      if (at - start > LINE_MOST) {
        throw garbage();
      }
    }
    int end = at - 2;
    if (end < start || bytes.get(ValueLayout.JAVA_BYTE, end) != '\r') {
      throw garbage();
    }
    return string(start, end);
  }

  private String text(int length) throws TimeoutException {
    int start = at;
    await(start + length);
    at += length;
    ending();
    return string(start, start + length);
  }

  private String string(int start, int end) {
    byte[] text = bytes.asSlice(start, end - start).toArray(ValueLayout.JAVA_BYTE);
    return new String(text, StandardCharsets.UTF_8);
  }

  private RedisConnectionException garbage() {
    return new RedisConnectionException(
        "%s: it answers in another language than RESP3; is it a node, and without TLS?"
            .formatted(source));
  }
}
