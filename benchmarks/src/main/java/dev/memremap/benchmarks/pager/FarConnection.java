// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.pager;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * A connection whose two ends are far from each other. Each way has a thread that takes what is
 * sent, a queue of what is under way, and a thread that hands it over when it arrives.
 *
 * <p>Thread safety: {@code ended} counts ways that have ended; the thread of the last one closes
 * both ends. A queue is filled by one thread and emptied by another.
 */
final class FarConnection {
  private static final int CHUNK = 1 << 16;
  private static final int WAYS = 2;

  private final SocketChannel one;
  private final SocketChannel other;
  private final PlayedWay way;
  private final AtomicInteger ended = new AtomicInteger();

  /**
   * Of two ends that are connected already.
   *
   * @param way how long what is sent is under way
   */
  FarConnection(SocketChannel one, SocketChannel other, PlayedWay way) {
    this.one = one;
    this.other = other;
    this.way = way;
  }

  /** Bytes that are under way; none of them means that no more come. */
  private record Sent(ByteBuffer bytes, long arrives) {}

  /** Begins to carry what either end sends to the other one. */
  void carry() {
    carry(one, other);
    carry(other, one);
  }

  private void carry(SocketChannel from, SocketChannel to) {
    BlockingQueue<Sent> underWay = new LinkedBlockingQueue<>();
    Thread.ofPlatform().daemon().name("far: takes").start(() -> take(from, underWay));
    Thread.ofPlatform().daemon().name("far: hands over").start(() -> handOver(to, underWay));
  }

  private void take(SocketChannel from, BlockingQueue<Sent> underWay) {
    ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK);
    try {
      while (from.read(chunk) >= 0) {
        chunk.flip();
        ByteBuffer bytes = ByteBuffer.allocate(chunk.remaining()).put(chunk).flip();
        underWay.add(new Sent(bytes, System.nanoTime() + way.nanos()));
        chunk.clear();
      }
    } catch (IOException e) {
      // this end is gone
    } finally {
      underWay.add(new Sent(ByteBuffer.allocate(0), System.nanoTime() + way.nanos()));
    }
  }

  private void handOver(SocketChannel to, BlockingQueue<Sent> underWay) {
    try {
      Sent next = underWay.take();
      while (next.bytes.hasRemaining()) {
        await(next.arrives);
        while (next.bytes.hasRemaining()) {
          to.write(next.bytes);
        }
        next = underWay.take();
      }
      await(next.arrives);
      to.shutdownOutput();
    } catch (IOException e) {
      // that end is gone
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      end();
    }
  }

  private static void await(long arrives) {
    for (long left = arrives - System.nanoTime(); left > 0; left = arrives - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  private void end() {
    if (ended.incrementAndGet() == WAYS) {
      try {
        one.close();
        other.close();
      } catch (IOException e) {
        // they are of no use any more
      }
    }
  }
}
