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
 * A device's managed resources: what was acquired for it is released with it, newest first.
 *
 * <p>Mirrors the kernel's {@code drivers/base/devres.c}. The list keeps the order of adding (DR-1).
 * A release takes its records off the list under the lock and then runs them without it, so a
 * release may use the list. A release that throws does not keep the others from running: the first
 * failure is thrown when all have run, with the later ones suppressed; its record stays on the list
 * where its {@linkplain DevresRelease#isKeptOnFailure() kind} says so.
 *
 * <p>Thread safety: all methods may be called from any thread. {@code list} is guarded by {@code
 * lock}, with all that stands on it. Nothing of a caller's runs while it is held, neither a release
 * nor a match nor a name's equals: what matches is looked for in a copy of the list, and taken if
 * it is still listed then.
 */
public final class Devres {
  private static final DevresRelease<Runnable> ACTION = Runnable::run;

  private final Object lock = new Object();
  private final DevresList list = new DevresList();

  private final int limit;
  private final Runnable used;

  /** An empty list. */
  public Devres() {
    this(Integer.MAX_VALUE);
  }

  /**
   * An empty list that holds at most this many resources, so that a driver can be tested against a
   * {@code devres_alloc} that fails.
   */
  public Devres(int limit) {
    this(limit, () -> {});
  }

  /**
   * An empty list whose owner is told when it begins to hold something.
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
   * Makes a record that is on no list yet, and reserves room for it in this one: {@code
   * devres_alloc}.
   *
   * @param release what undoes it; also the record's kind
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
   * Puts a record on the list, as its newest: {@code devres_add}.
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
   * the failure thrown; a record that somebody else has taken off was added.
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
        // a release may have emptied the list meanwhile, and then the next one is told of again
        list.known();
      }
    }
  }

  /**
   * Gives up a record that was never added: {@code devres_free}. A garbage collector does the rest.
   *
   * @throws IllegalStateException if it is on a list (DR-6)
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
   * The newest record of a kind that matches, left where it is: {@code devres_find} (DR-2).
   *
   * @param match tells the record by its data; null takes any
   */
  public <T> Optional<T> find(DevresRelease<T> release, @Nullable Predicate<? super T> match) {
    Objects.requireNonNull(release, "release");
    return Optional.ofNullable(newest(release, match, false)).map(DevresRecord::data);
  }

  /**
   * Takes the newest record of a kind that matches off the list without releasing it: {@code
   * devres_remove} (DR-2).
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
   * Takes a record off the list without releasing it: {@code devres_destroy} (DR-2).
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
   * Takes a record off the list and releases it: {@code devres_release} (DR-2).
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
   * Registers an action to run at release: {@code devm_add_action}. If there is no memory for the
   * record the action is not run (DR-3).
   */
  public void addAction(Runnable action) {
    Objects.requireNonNull(action, "action");
    add(alloc(ACTION, action));
  }

  /**
   * Registers an action, or runs it at once if that fails: {@code devm_add_action_or_reset} (DR-3).
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
   * devm_remove_action} (DR-4).
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
   * (DR-4).
   *
   * @throws MemremapException {@code ENOENT} if it is not registered; it is not run then
   */
  public void releaseAction(Runnable action) {
    Objects.requireNonNull(action, "action");
    removeAction(action);
    action.run();
  }

  /**
   * Opens a group: what is added until its end belongs to it ({@code devres_open_group}).
   *
   * @param id the group's name among its device's; null for a name of its own
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
   * Ends a group ({@code devres_close_group}).
   *
   * @param id the group; null for the newest that is open
   * @throws MemremapException {@code ENOENT} if there is no such open group (DR-5)
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
   * Forgets a group and keeps what lies in it ({@code devres_remove_group}).
   *
   * @param id the group; null for the newest that is open
   * @throws MemremapException {@code ENOENT} if there is no such group (DR-5)
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
   * Releases what lies in a group, newest first, and the groups that lie in it whole ({@code
   * devres_release_group}).
   *
   * @param id the group; null for the newest that is open
   * @return how many resources were released; markers do not count
   * @throws MemremapException {@code ENOENT} if there is no such group; nothing is released then
   *     (DR-5)
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
   * Releases everything, newest first: {@code devres_release_all} (DR-1).
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

  /** How many resources are on the list; markers do not count. */
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
    // What others do meanwhile:
    // - A record that they take off after the copy is listed no longer and is passed over, so two
    //   searches never take one record. Another may have been added in its place before, so the
    //   list is copied again: as often as others take off what matches here.
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
   * Changes a group under the lock. Where it went after it was found, or the newest that was open
   * was closed, it is looked for again, as there may be another; so a group is reported missing
   * only if there was none at some moment of the call.
   *
   * @param change answers null if the group cannot be changed so
   * @throws MemremapException {@code ENOENT} if there is no such group
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
    // whoever holds the list may have looked while it was empty
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
