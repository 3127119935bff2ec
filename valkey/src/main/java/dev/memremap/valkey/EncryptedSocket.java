// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import io.lettuce.core.RedisConnectionException;
import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslHandler;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLEngine;

/**
 * A socket whose bytes are encrypted by netty's handler, as those of Lettuce are. Netty gets them
 * by a channel without a thread, so the one that waits for an answer decrypts it, too.
 *
 * <p>Thread safety: as that of {@link OwnSocket}. Another thread may only {@link #end} it, which
 * does not touch the channel.
 */
final class EncryptedSocket implements Wire {
  /** Room for four records; each has 16 KiB at most, and a little. */
  private static final int ROOM = 1 << 16;

  private final OwnSocket socket;
  private final EmbeddedChannel channel;
  private final MemorySegment encrypted = Arena.ofAuto().allocate(ROOM);

  private EncryptedSocket(OwnSocket socket, EmbeddedChannel channel) {
    this.socket = socket;
    this.channel = channel;
  }

  /**
   * Encrypts a connection from now on, and returns when both ends have agreed how.
   *
   * @param engine the client's, which judges the node's certificate
   * @throws RedisConnectionException if they do not agree, or the node is not trusted; the socket
   *     is closed then
   */
  static EncryptedSocket over(OwnSocket socket, SSLEngine engine, Deadline deadline)
      throws TimeoutException {
    SslHandler handler = new SslHandler(engine);
    handler.setHandshakeTimeoutMillis(0); // each wait at the socket has its limit
    EncryptedSocket made = new EncryptedSocket(socket, new EmbeddedChannel(handler));
    try {
      made.sendEncrypted(deadline);
      while (!handler.handshakeFuture().isDone()) {
        made.decryptMore(deadline);
      }
      Throwable refused = handler.handshakeFuture().cause();
      if (refused != null) {
        throw made.failed(refused);
      }
      return made;
    } catch (TimeoutException | RuntimeException | Error e) {
      made.close();
      throw e;
    }
  }

  @Override
  public void send(MemorySegment bytes, int count, Deadline deadline) throws TimeoutException {
    ByteBuf plain = channel.alloc().heapBuffer(count);
    plain.writeBytes(bytes.asSlice(0, count).asByteBuffer());
    try {
      channel.writeOutbound(plain);
    } catch (Exception e) {
      throw failed(e);
    }
    sendEncrypted(deadline);
  }

  @Override
  public int receive(MemorySegment room, int at, Deadline deadline) throws TimeoutException {
    while (true) {
      ByteBuf plain = (ByteBuf) channel.inboundMessages().peek();
      if (plain == null) {
        decryptMore(deadline);
      } else {
        int count = (int) Math.min(plain.readableBytes(), room.byteSize() - at);
        plain.readBytes(room.asSlice(at, count).asByteBuffer());
        if (!plain.isReadable()) {
          channel.inboundMessages().remove();
          plain.release();
        }
        if (count > 0) {
          return count;
        }
      }
    }
  }

  /** Waits for bytes, and sends what they demand. */
  private void decryptMore(Deadline deadline) throws TimeoutException {
    int count = socket.receive(encrypted, 0, deadline);
    // the handler keeps what it lacks the end of
    ByteBuf came = channel.alloc().heapBuffer(count);
    came.writeBytes(encrypted.asSlice(0, count).asByteBuffer());
    try {
      channel.writeInbound(came);
    } catch (Exception e) { // netty throws what is checked, and does not say so
      throw failed(e);
    }
    sendEncrypted(deadline);
    if (!channel.isOpen() && channel.inboundMessages().isEmpty()) {
      throw new RedisConnectionException(socket + " has closed the connection");
    }
  }

  private void sendEncrypted(Deadline deadline) throws TimeoutException {
    for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
      try {
        while (out.isReadable()) {
          int count = Math.min(out.readableBytes(), ROOM);
          out.readBytes(encrypted.asSlice(0, count).asByteBuffer());
          socket.send(encrypted, count, deadline);
        }
      } finally {
        out.release();
      }
    }
  }

  private RedisConnectionException failed(Throwable why) {
    return new RedisConnectionException("%s: %s".formatted(socket, why.getMessage()), why);
  }

  @Override
  public void end() {
    socket.end();
  }

  /** The node sees the end of the connection, without a last word. */
  @Override
  public void close() {
    try {
      channel.finishAndReleaseAll();
    } catch (Exception e) {
      // it has failed before, and the one that asked was told
    } finally {
      socket.close();
    }
  }
}
