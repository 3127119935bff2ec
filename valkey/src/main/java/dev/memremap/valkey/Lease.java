// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import dev.memremap.pager.store.StoreException;
import dev.memremap.pager.store.StoreException.Kind;
import dev.memremap.pager.store.StoreOwner;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * What makes a store one writer's: a key that ends by itself unless it is renewed, and an epoch
 * that no other lease of the store has. The key says which writer may begin; the epoch, which nodes
 * compare, has the writes of all former ones refused, even where one still thinks it has the store.
 *
 * <p>Thread safety: {@code lost} and {@code until} are volatile; the rest is immutable. A thread of
 * its own renews it.
 */
final class Lease implements AutoCloseable {

  /** How many more writers are met at most that have ended. */
  private static final int ENDED_MOST = 5;

  private final Place place;
  private final List<byte[]> keys;
  private final Attempts attempts;
  private final Owner owner;
  private final long epoch;
  private final Thread renewing;
  private volatile @Nullable StoreException lost;
  private volatile boolean isEnding;
  private volatile Instant until;

  private Lease(Place place, List<byte[]> keys, Attempts attempts, Owner owner, long epoch) {
    this.place = place;
    this.keys = keys;
    this.attempts = attempts;
    this.owner = owner;
    this.epoch = epoch;
    this.until = Instant.now().plus(place.lease());
    this.renewing =
        Thread.ofPlatform().daemon().name("memremap valkey: lease").unstarted(this::renewAgain);
  }

  /**
   * Takes the store.
   *
   * @param mine what its geometry is to be
   * @param replaced what its geometry may be before; empty if that is the same or none
   * @param memory for whom
   * @throws StoreException if another writer has it, or may come back to it; it is of another size;
   *     or the memory had it before, and it is gone or another one has had it since
   */
  static Lease take(
      Place place,
      PageKeys keys,
      GeometryValue mine,
      String replaced,
      StoreOwner memory,
      Attempts attempts,
      Deadline deadline)
      throws StoreException {
    List<byte[]> all = List.of(keys.geometry(), keys.epoch(), keys.lease(), keys.owner());
    Owner owner = Owner.ofThisProcess();
    try {
      long epoch = epoch(place, all, mine, replaced, owner, memory, attempts, deadline);
      return new Lease(place, all, attempts, owner, epoch);
    } catch (StoreException | RuntimeException | Error e) {
      owner.end();
      throw e;
    }
  }

  private static long epoch(
      Place place,
      List<byte[]> keys,
      GeometryValue mine,
      String former,
      Owner owner,
      StoreOwner memory,
      Attempts attempts,
      Deadline deadline)
      throws StoreException {
    String replaced = "";
    for (int ended = 0; ; ended++) {
      List<byte[]> arguments =
          List.of(
              Attempts.bytes(mine.text()),
              Attempts.bytes(replaced),
              Attempts.bytes(owner.text()),
              Attempts.bytes(place.lease().toMillis()),
              Attempts.bytes(former),
              Attempts.bytes(memory.number()),
              Attempts.bytes(memory.again() ? 1 : 0));
      List<Object> answer =
          attempts.until(
              deadline,
              "%s cannot be opened".formatted(place),
              -1,
              () -> attempts.run(Script.ATTACH, keys, arguments));
      switch (Attempts.text(answer.getFirst())) {
        case "yours" -> {
          return (long) answer.get(1);
        }
        case "geometry" ->
            throw GeometryValue.read(place, Attempts.text(answer.get(1))).unfit(place, mine);
        case "gone" -> throw gone(place, "the keys of the lease are gone");
        case "another" -> throw another(place, Attempts.text(answer.get(1)));
        default -> {
          replaced = Attempts.text(answer.get(1));
          Owner other = Owner.read(replaced.substring(replaced.indexOf(' ') + 1));
          if (other.token().equals(owner.token())) {
            continue; // an answer of before was lost: a newer epoch is as good
          }
          if (!other.hasEnded() || ended >= ENDED_MOST) {
            throw taken(place, other, (long) answer.get(2));
          }
        }
      }
    }
  }

  /** Which it is, and until when, in words. */
  String told() {
    StoreException why = lost;
    return why == null
        ? "epoch %d, until %s unless it is renewed".formatted(epoch, time(until))
        : "epoch %d, lost: %s".formatted(epoch, why.getMessage());
  }

  private static String time(Instant at) {
    return DateTimeFormatter.ofPattern("HH:mm:ss")
        .format(LocalTime.ofInstant(at, ZoneId.systemDefault()));
  }

  private static StoreException taken(Place place, Owner other, long millis) {
    Instant end = Instant.now().plus(Duration.ofMillis(Math.max(0, millis)));
    String time = time(end);
    return StoreException.of(
        Kind.TAKEN,
        "%s: %s has it; a store has one writer at a time: close it there, or give another prefix. If that one has ended already, the store is free at %s, in %d s"
            .formatted(place, other.named(), time, (Math.max(0, millis) + 999) / 1_000),
        null);
  }

  /** Begins to renew it. */
  void begin() {
    renewing.start();
  }

  /** Larger than those of all leases before. */
  long epoch() {
    return epoch;
  }

  /**
   * Has nothing more read or written if the store is not this writer's any more.
   *
   * @throws StoreException if so
   */
  void require() throws StoreException {
    StoreException why = lost;
    if (why != null) {
      throw StoreException.of(why.kind(), String.valueOf(why.getMessage()), why);
    }
  }

  /** A node knows of a newer lease. */
  StoreException lostTo(long newer) {
    return lose(
        StoreException.of(
            Kind.TAKEN,
            "%s: another writer took it while this one had it (lease %d after %d); nothing more is written from here"
                .formatted(place, newer, epoch),
            null));
  }

  /** Pages are missing that a node had. */
  StoreException lostPages(String what) {
    return lose(gone(place, what));
  }

  private static StoreException gone(Place place, String what) {
    return StoreException.of(
        Kind.DAMAGED,
        "%s: %s; a node has started without its data, or was emptied: bring its data back, or make the store anew with another prefix"
            .formatted(place, what),
        null);
  }

  /**
   * Another memory has had it since this one had.
   *
   * @param owner its epoch, its number, and how its lease went on behind the epoch
   */
  private static StoreException another(Place place, String owner) {
    String[] words = owner.split(" ", 3);
    return StoreException.of(
        Kind.TAKEN,
        "%s: %s has had it meanwhile, as another memory, and may have written to it; nothing more is read or written from here: abandon this memory, and open it anew"
            .formatted(place, Owner.read(words[words.length - 1]).named()),
        null);
  }

  private synchronized StoreException lose(StoreException why) {
    StoreException before = lost;
    if (before != null) {
      return before;
    }
    lost = why;
    return why;
  }

  /**
   * Says that this writer lives.
   *
   * @throws StoreException if the store is not this writer's any more, or does not answer
   */
  void renew(Deadline deadline) throws StoreException {
    require();
    renewed(
        attempts.until(
            deadline,
            "%s: the lease is not renewed".formatted(place),
            -1,
            () -> attempts.run(Script.RENEW, keys, renewal())));
  }

  /** Says that this writer lives, at a node. */
  CompletionStage<List<Object>> renewAt(Node node) {
    return Attempts.run(node.commands(), Script.RENEW, keys, renewal());
  }

  private List<byte[]> renewal() {
    return List.of(
        Attempts.bytes(text()), Attempts.bytes(epoch), Attempts.bytes(place.lease().toMillis()));
  }

  /**
   * Has the store be of another geometry, as when a copy is finished.
   *
   * @throws StoreException if the store is not this writer's any more, or does not answer
   */
  void change(GeometryValue to, Deadline deadline) throws StoreException {
    require();
    renewed(
        attempts.until(
            deadline,
            "%s was not finished".formatted(place),
            -1,
            () ->
                attempts.run(
                    Script.CHANGE,
                    keys,
                    List.of(
                        Attempts.bytes(text()),
                        Attempts.bytes(epoch),
                        Attempts.bytes(to.text())))));
  }

  /** What was answered to that. */
  void renewed(List<Object> answer) throws StoreException {
    until =
        switch (Attempts.text(answer.getFirst())) {
          case "yours" -> Instant.now().plus(place.lease());
          case "gone" -> throw lostPages("the keys of the lease are gone");
          default -> throw lostTo(newer(Attempts.text(answer.get(1))));
        };
  }

  private static long newer(String lease) {
    try {
      return Long.parseLong(lease.split(" ", 2)[0]);
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  private String text() {
    return epoch + " " + owner.text();
  }

  private void renewAgain() {
    try {
      while (!isEnding && lost == null) {
        Thread.sleep(place.lease().dividedBy(3));
        renewQuietly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void renewQuietly() {
    try {
      renew(Deadline.in(place.timeout()));
    } catch (StoreException | RuntimeException e) {
      // what it means for pages is said when one is asked for; it is tried again
    }
  }

  /** Gives the store up, if it answers soon. */
  @Override
  public void close() {
    isEnding = true;
    renewing.interrupt();
    try {
      if (lost == null) {
        attempts.until(
            Deadline.in(place.timeout()),
            "%s: the lease was not given up".formatted(place),
            -1,
            () ->
                attempts.run(
                    Script.RELEASE, List.of(keys.get(2)), List.of(Attempts.bytes(text()))));
      }
    } catch (StoreException e) {
      // it ends by itself
    } finally {
      owner.end();
    }
  }
}
