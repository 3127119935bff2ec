// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * One that has a store, as its lease names it. On the same computer another one can see whether it
 * has ended, and need not wait for the end of its lease.
 *
 * @param token another one for each opening
 * @param system the computer since its start, and the space of its process numbers
 * @param process its number
 * @param start when the process began, in ticks of that computer
 * @param host the computer's name, for sentences
 */
record Owner(String token, String system, long process, long start, String host) {
  private static final Set<String> OF_THIS_PROCESS = ConcurrentHashMap.newKeySet();
  private static final int WORDS = 5;
  private static final int STATE = 0;
  private static final int START = 19;
  private static final String UNKNOWN = "-";

  /** A new one of this process, until {@link #end}. */
  static Owner ofThisProcess() {
    String token = UUID.randomUUID().toString();
    OF_THIS_PROCESS.add(token);
    long process = ProcessHandle.current().pid();
    return new Owner(token, thisSystem(), process, start(process), thisHost());
  }

  /** This one has no store any more. */
  void end() {
    OF_THIS_PROCESS.remove(token);
  }

  String text() {
    return "%s %s %d %d %s".formatted(token, system, process, start, host);
  }

  /** Reads what stands behind the epoch in a lease. */
  static Owner read(String text) {
    String[] words = text.split(" ", -1);
    if (words.length != WORDS) {
      return new Owner(text, UNKNOWN, 0, 0, UNKNOWN);
    }
    try {
      return new Owner(
          words[0], words[1], Long.parseLong(words[2]), Long.parseLong(words[3]), words[4]);
    } catch (NumberFormatException e) {
      return new Owner(text, UNKNOWN, 0, 0, UNKNOWN);
    }
  }

  /** Whether it has ended for sure. */
  boolean hasEnded() {
    if (system.equals(UNKNOWN) || !system.equals(thisSystem())) {
      return false;
    }
    if (process == ProcessHandle.current().pid()) {
      return !OF_THIS_PROCESS.contains(token);
    }
    return start(process) != start;
  }

  /** Its name in a sentence. */
  String named() {
    return process == 0 ? "another writer" : "process %d of %s".formatted(process, host);
  }

  private static String thisSystem() {
    try {
      String boot = Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
      Path numbers = Files.readSymbolicLink(Path.of("/proc/self/ns/pid"));
      return boot + "/" + numbers;
    } catch (IOException e) {
      return UNKNOWN;
    }
  }

  /**
   * When a process began; negative if none has this number, or it has ended and its parent has not
   * looked.
   */
  private static long start(long process) {
    try {
      String stat = Files.readString(Path.of("/proc/" + process + "/stat"));
      String[] words = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      boolean ended = words[STATE].equals("Z") || words[STATE].equals("X");
      return ended ? -1 : Long.parseLong(words[START]);
    } catch (IOException | RuntimeException e) {
      return -1;
    }
  }

  private static String thisHost() {
    try {
      return InetAddress.getLocalHost().getHostName().replace(' ', '-');
    } catch (UnknownHostException e) {
      return "this-computer";
    }
  }
}
