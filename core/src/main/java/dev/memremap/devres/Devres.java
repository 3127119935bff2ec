// SPDX-License-Identifier: Apache-2.0
package dev.memremap.devres;

import dev.memremap.devres.DevresNode.GroupClose;
import dev.memremap.devres.DevresNode.GroupOpen;
import dev.memremap.internal.stack.StackRoom;
import dev.memremap.internal.teardown.Failures;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Manages what is acquired for a device, and releases it newest first: {@code
 * drivers/base/devres.c}.
 *
 * <p>A release may use this list itself. All releases run even if some throw; then the first
 * failure is thrown, with the later ones suppressed. The record of a failed release stays listed if
 * its {@linkplain DevresRelease#isKeptOnFailure() kind} says so.
 *
 * <p>Thread safety: all methods may be called from any thread. No release, match or group name's
 * equals runs under its lock.
 */
public final class Devres {
  private static final DevresRelease<Runnable> ACTION = Runnable::run;

  // Guards the list, and all that stands on it. Code of a caller's runs without it: what matches is
  // looked for in a copy of the list, and taken if it is still listed then.
  private final Object lock = new Object();
  private final DevresList list = new DevresList();

  private final int limit;
  private final Runnable used;

  /** Makes an empty list. */
  public Devres() {
    this(Integer.MAX_VALUE);
  }

  /**
   * Makes an empty list that holds at most this many resources, to test a driver with a {@code
   * devres_alloc} that fails.
   */
  public Devres(int limit) {
    this(limit, () -> {});
  }

  /**
   * Makes an empty list that tells its owner when it begins to hold something.
   *
   * @param limit how many resources it may hold
   * @param used run when a resource is added to an empty list; concurrent adds may run it again
   *     until one run has returned. If it throws, the resource is taken off again and the failure
   *     thrown; if a release or a removal took it off before, the failure is dropped.
   */
  public Devres(int limit, Runnable used) {
    this.limit = limit;
    this.used = Objects.requireNonNull(used, "used");
  }

  /**
   * Makes a record and reserves room for it, without listing it: {@code devres_alloc}.
   *
   * @param release undoes it; also the record's kind
   * @param data the record's data
   * @throws MemremapException {@code ENOMEM} if the list is at its limit
   */
  public <T> DevresRecord<T> alloc(DevresRelease<T> release, T data) {
    if (size() >= limit) {
      throw new MemremapException(
          Errno.ENOMEM,
          Rule.DR_3,
          "the device manages %d resources and may manage no more".formatted(limit));
    }
    Objects.requireNonNull(release, "release");
    Objects.requireNonNull(data, "data");
    synchronized (lock) {
      list.makeRoom();
    }
    return new DevresRecord<>(release, data);
  }

  /**
   * Adds a record to the list, as the newest: {@code devres_add}.
   *
   * @throws IllegalStateException if it is on a list already
   */
  public void add(DevresRecord<?> devresRecord) {
    Objects.requireNonNull(devresRecord, "devresRecord");
    StackRoom.touch();
    boolean known;
    synchronized (lock) {
      if (devresRecord.listed) {
        throw new IllegalStateException("this record is on a list already; add a record once");
      }
      list.add(devresRecord);
      known = list.isKnown();
    }
    if (!known) {
      tell(devresRecord);
    }
  }

  /**
   * Tells the owner that the list holds something. If that fails, the record is taken off again and
   * the failure thrown; a record that another thread took off counts as added.
   */
  private void tell(DevresRecord<?> added) {
    try {
      used.run();
    } catch (Throwable notTold) {
      if (remove(added)) {
        throw notTold;
      }
      // a release has taken it meanwhile, as one that was added, and undoes it
      return;
    }
    synchronized (lock) {
      if (added.listed) {
        // a release may have emptied the list meanwhile; then the next add tells the owner again
        list.known();
      }
    }
  }

  /**
   * Gives up a record that was never added: {@code devres_free}.
   *
   * @throws IllegalStateException if it is on a list ({@link Rule#DR_6 DR-6})
   */
  public void free(DevresRecord<?> devresRecord) {
    Objects.requireNonNull(devresRecord, "devresRecord");
    synchronized (lock) {
      if (devresRecord.listed) {
        throw new IllegalStateException(
            "this record is still on its list; remove or destroy it instead of freeing it ["
                + Rule.DR_6.id()
                + ": "
                + Rule.DR_6.sentence()
                + "]");
      }
    }
  }

  /**
   * Finds the newest record of a kind that matches, and leaves it listed: {@code devres_find}
   * ({@link Rule#DR_2 DR-2}).
   *
   * @param match tests a record's data; null matches any
   */
  public <T> Optional<T> find(DevresRelease<T> release, @Nullable Predicate<? super T> match) {
    Objects.requireNonNull(release, "release");
    return Optional.ofNullable(newest(release, match, false)).map(DevresRecord::data);
  }

  /**
   * Takes the newest record of a kind that matches off the list without releasing it: {@code
   * devres_remove} ({@link Rule#DR_2 DR-2}).
   *
   * @return its data; empty if none matches
   */
  public <T> Optional<T> remove(DevresRelease<T> release, @Nullable Predicate<? super T> match) {
    Objects.requireNonNull(release, "release");
    return Optional.ofNullable(newest(release, match, true)).map(DevresRecord::data);
  }

  /**
   * Takes this record off the list without releasing it.
   *
   * @return false if it is not on the list
   */
  public boolean remove(DevresRecord<?> devresRecord) {
    Objects.requireNonNull(devresRecord, "devresRecord");
    synchronized (lock) {
      return list.unlist(devresRecord);
    }
  }

  /**
   * Takes a record off the list without releasing it: {@code devres_destroy} ({@link Rule#DR_2
   * DR-2}).
   *
   * @throws MemremapException {@code ENOENT} if none matches
   */
  public <T> void destroy(DevresRelease<T> release, @Nullable Predicate<? super T> match) {
    Objects.requireNonNull(release, "release");
    if (remove(release, match).isEmpty()) {
      throw NotManaged.resource();
    }
  }

  /**
   * Takes a record off the list and releases it: {@code devres_release} ({@link Rule#DR_2 DR-2}).
   *
   * @throws MemremapException {@code ENOENT} if none matches; nothing is released then
   */
  public <T> void release(DevresRelease<T> release, @Nullable Predicate<? super T> match) {
    Objects.requireNonNull(release, "release");
    StackRoom.touch();
    Failures failures = new Failures();
    DevresRecord<T> found = newest(release, match, true);
    if (found == null) {
      throw NotManaged.resource();
    }
    run(found, failures);
    failures.rethrow();
  }

  /**
   * Registers an action to run at release: {@code devm_add_action}. If memory for the record is
   * lacking, the action is not run ({@link Rule#DR_3 DR-3}).
   */
  public void addAction(Runnable action) {
    Objects.requireNonNull(action, "action");
    add(alloc(ACTION, action));
  }

  /**
   * Registers an action, or runs it at once if that fails: {@code devm_add_action_or_reset} ({@link
   * Rule#DR_3 DR-3}).
   */
  public void addActionOrReset(Runnable action) {
    Objects.requireNonNull(action, "action");
    try {
      addAction(action);
    } catch (Throwable notAdded) {
      Failures failures = new Failures();
      failures.add(notAdded);
      failures.attempt(action);
      failures.rethrow();
    }
  }

  /**
   * Takes the newest registration of this action back without running it: {@code
   * devm_remove_action} ({@link Rule#DR_4 DR-4}).
   *
   * @throws MemremapException {@code ENOENT} if it is not registered
   */
  public void removeAction(Runnable action) {
    Objects.requireNonNull(action, "action");
    if (remove(ACTION, sameAs(action)).isEmpty()) {
      throw NotManaged.action();
    }
  }

  /**
   * Takes the newest registration of this action back and runs it: {@code devm_release_action}
   * ({@link Rule#DR_4 DR-4}).
   *
   * @throws MemremapException {@code ENOENT} if it is not registered; it is not run then
   */
  public void releaseAction(Runnable action) {
    Objects.requireNonNull(action, "action");
    removeAction(action);
    action.run();
  }

  /**
   * Opens a group, to which everything belongs that is added until its end: {@code
   * devres_open_group}.
   *
   * @param id the group's name, unique in its device; null makes a new one
   * @return the name
   */
  public Object openGroup(@Nullable Object id) {
    GroupOpen open = new GroupOpen(id);
    synchronized (lock) {
      list.nodes.add(open);
    }
    return open.id;
  }

  /**
   * Ends a group: {@code devres_close_group}.
   *
   * @param id the group; null for the newest that is open
   * @throws MemremapException {@code ENOENT} if no such group is open ({@link Rule#DR_5 DR-5})
   */
  public void closeGroup(@Nullable Object id) {
    inGroup(
        id,
        open -> {
          if (open.end != null) {
            return null;
          }
          GroupClose end = new GroupClose();
          list.nodes.add(end);
          open.end = end;
          return open;
        });
  }

  /**
   * Removes a group and keeps what belongs to it: {@code devres_remove_group}.
   *
   * @param id the group; null for the newest that is open
   * @throws MemremapException {@code ENOENT} if no group has this name ({@link Rule#DR_5 DR-5})
   */
  public void removeGroup(@Nullable Object id) {
    inGroup(
        id,
        open -> {
          list.nodes.remove(open);
          if (open.end != null) {
            list.nodes.remove(open.end);
          }
          return open;
        });
  }

  /**
   * Releases what belongs to a group, newest first, with the groups that lie whole in it: {@code
   * devres_release_group}.
   *
   * @param id the group; null for the newest that is open
   * @return how many resources were released; markers do not count
   * @throws MemremapException {@code ENOENT} if no group has this name ({@link Rule#DR_5 DR-5});
   *     nothing is released then
   */
  public int releaseGroup(@Nullable Object id) {
    StackRoom.touch();
    Failures failures = new Failures();
    return runNewestFirst(
        inGroup(
            id,
            open -> {
              int to = open.end == null ? list.nodes.size() : list.nodes.indexOf(open.end) + 1;
              return list.takeOff(list.nodes.indexOf(open), to);
            }),
        failures);
  }

  /**
   * Releases everything, newest first: {@code devres_release_all}.
   *
   * @return how many resources were released
   */
  public int releaseAll() {
    StackRoom.touch();
    Failures failures = new Failures();
    List<DevresRecord<?>> taken;
    synchronized (lock) {
      taken = list.takeOff(0, list.nodes.size());
    }
    return runNewestFirst(taken, failures);
  }

  /** Returns how many resources are on the list; markers do not count. */
  public int size() {
    synchronized (lock) {
      return list.records();
    }
  }

  @SuppressWarnings("ReferenceEquality") // an action is itself, whatever its equals says
  private static <T> Predicate<T> sameAs(T wanted) {
    return candidate -> candidate == wanted;
  }

  /**
   * DR-2: newest to oldest, the first of this kind that matches.
   *
   * <p>The kernel calls the match under the list's lock; here it is a caller's code and runs
   * without it, over a copy. The newest is tried before the others are copied, since what is ended
   * early is the newest most of the time.
   *
   * @param takeOff whether to take it off the list
   */
  private <T> @Nullable DevresRecord<T> newest(
      DevresRelease<T> release, @Nullable Predicate<? super T> match, boolean takeOff) {
    // What other threads do meanwhile:
    // - A record that they take off after the copy is listed no longer and is passed over, so two
    //   searches never take one record. Another may have been added in its place before, so the
    //   list is copied again: as often as other threads take off what matches here.
    // - If no match was passed over and none found, there was none at the moment of the last copy.
    // - A record that they add after the copy is not looked at: the search began before the
    //   addition returned, and counts as done before it.
    int most = 1;
    while (true) {
      List<DevresRecord<T>> candidates = newestFirst(release, most);
      boolean passedOver = false;
      for (DevresRecord<T> candidate : candidates) {
        if (match == null || match.test(candidate.data)) {
          if (isStillListed(candidate, takeOff)) {
            return candidate;
          }
          passedOver = true;
        }
      }
      if (candidates.size() < most && !passedOver) {
        return null;
      }
      most = Integer.MAX_VALUE;
    }
  }

  /** Whether a record is still listed; then it is taken off, if that is wanted. */
  private boolean isStillListed(DevresRecord<?> candidate, boolean takeOff) {
    synchronized (lock) {
      return takeOff ? list.unlist(candidate) : candidate.listed;
    }
  }

  private <T> List<DevresRecord<T>> newestFirst(DevresRelease<T> release, int most) {
    synchronized (lock) {
      return list.newestFirst(release, most);
    }
  }

  /**
   * Changes a group under the lock. If the group was removed after it was found, or the newest open
   * one was closed, it is looked for again; so a group is reported missing only if it was missing
   * at some moment of the call.
   *
   * @param change answers null if the group cannot be changed so
   * @throws MemremapException {@code ENOENT} if no group has this name
   */
  private <T> T inGroup(@Nullable Object id, Function<GroupOpen, @Nullable T> change) {
    while (true) {
      GroupOpen open = group(id);
      T changed;
      synchronized (lock) {
        if (!list.nodes.contains(open) || (id == null && open.end != null)) {
          continue;
        }
        changed = change.apply(open);
      }
      if (changed == null) {
        throw NotManaged.group(id);
      }
      return changed;
    }
  }

  /** DR-5: by name, or the newest group that is still open. */
  private GroupOpen group(@Nullable Object id) {
    List<GroupOpen> groups = new ArrayList<>();
    synchronized (lock) {
      for (DevresNode node : list.nodes.reversed()) {
        if (node instanceof GroupOpen open && (id != null || open.end == null)) {
          groups.add(open);
        }
      }
    }
    return groups.stream()
        .filter(open -> id == null || open.id.equals(id))
        .findFirst()
        .orElseThrow(() -> NotManaged.group(id));
  }

  /** Runs a release; where it fails, the record may go back, as the oldest on the list. */
  private void run(DevresRecord<?> devresRecord, Failures failures) {
    try {
      devresRecord.runRelease();
    } catch (Throwable e) {
      failures.add(e);
      try {
        if (devresRecord.release.isKeptOnFailure()) {
          putBack(devresRecord);
        }
      } catch (Throwable notPutBack) {
        failures.add(notPutBack);
      }
    }
  }

  private void putBack(DevresRecord<?> devresRecord) {
    synchronized (lock) {
      list.addOldest(devresRecord);
    }
    // the list's owner may have looked while it was empty
    used.run();
  }

  private int runNewestFirst(List<DevresRecord<?>> taken, Failures failures) {
    for (int i = taken.size() - 1; i >= 0; i--) {
      run(taken.get(i), failures);
    }
    failures.rethrow();
    return taken.size();
  }
}
