// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.link;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Requests and replies as bytes: a head of fixed size, and a text. Both ends are of one version,
 * since the application starts the worker with its own class path.
 *
 * <p>Thread safety: one thread reads, and writes are made under {@code this}.
 */
@SuppressWarnings("EnumOrdinal") // both ends are of one version
final class Wire {
  private static final int REQUEST_BYTES = 24;
  private static final int REPLY_BYTES = 28;
  private static final int TEXT_MOST = Request.TEXT_MOST;

  private final ByteChannel channel;

  Wire(ByteChannel channel) {
    this.channel = channel;
  }

  void write(Request request) throws IOException {
    byte[] text = request.text().getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(REQUEST_BYTES + text.length);
    bytes.putLong(request.id()).putInt(request.operation().ordinal());
    bytes.putInt(request.first()).putInt(request.count()).putInt(text.length).put(text);
    write(bytes.flip());
  }

  void write(Reply reply) throws IOException {
    byte[] text = reply.text().getBytes(StandardCharsets.UTF_8);
    text = text.length <= TEXT_MOST ? text : Arrays.copyOf(text, TEXT_MOST);
    ByteBuffer bytes = ByteBuffer.allocate(REPLY_BYTES + text.length);
    bytes.putLong(reply.id()).putInt(reply.isDone() ? 1 : 0).putInt(reply.page());
    bytes.putLong(reply.value()).putInt(text.length).put(text);
    write(bytes.flip());
  }

  private synchronized void write(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  Request readRequest() throws IOException {
    ByteBuffer head = read(REQUEST_BYTES);
    long id = head.getLong();
    int operation = head.getInt();
    if (operation < 0 || operation >= Request.Operation.values().length) {
      throw new IOException("an unknown operation, number " + operation);
    }
    int first = head.getInt();
    int count = head.getInt();
    return new Request(id, Request.Operation.values()[operation], first, count, text(head));
  }

  Reply readReply() throws IOException {
    ByteBuffer head = read(REPLY_BYTES);
    long id = head.getLong();
    boolean isDone = head.getInt() == 1;
    int page = head.getInt();
    long value = head.getLong();
    return new Reply(id, isDone, page, value, text(head));
  }

  private String text(ByteBuffer head) throws IOException {
    int length = head.getInt();
    if (length < 0 || length > TEXT_MOST) {
      throw new IOException("a text of %d bytes".formatted(length));
    }
    return new String(read(length).array(), StandardCharsets.UTF_8);
  }

  private ByteBuffer read(int count) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(count);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes) < 0) {
        throw new EOFException("the other side has ended");
      }
    }
    return bytes.flip();
  }
}
