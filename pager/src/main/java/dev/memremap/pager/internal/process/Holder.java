// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.process;

import dev.memremap.pager.internal.link.SocketFolder;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The application whose memory is adopted: which user's it is, and what its guardian would have
 * been started in if the application itself had started it.
 *
 * @param pid its number
 * @param user its user
 * @param group its group
 * @param groups its other groups, comma-separated; empty if it has none
 * @param isThisUser whether this process is the same user's
 */
record Holder(long pid, int user, int group, String groups, boolean isThisUser) {
  private static final String ROOT_PATH = "/usr/sbin:/usr/bin:/sbin:/bin";

  static Holder of(long pid) throws IOException {
    String theirs = Files.readString(Path.of("/proc", Long.toString(pid), "status"));
    String mine = Files.readString(Path.of("/proc/self/status"));
    int user = Integer.parseInt(first(theirs, "Uid"));
    return new Holder(
        pid,
        user,
        Integer.parseInt(first(theirs, "Gid")),
        String.join(",", words(theirs, "Groups")),
        user == Integer.parseInt(first(mine, "Uid")));
  }

  private static String first(String status, String name) {
    return words(status, name).get(0);
  }

  private static List<String> words(String status, String name) {
    Matcher line = Pattern.compile("^" + name + ":[ \\t]*(.*)$", Pattern.MULTILINE).matcher(status);
    if (!line.find()) {
      throw new IllegalArgumentException("/proc/PID/status has no line " + name);
    }
    String rest = line.group(1).strip();
    return rest.isEmpty() ? List.of() : List.of(rest.split("\\s+"));
  }

  private Path of(String name) {
    return Path.of("/proc", Long.toString(pid), name);
  }

  /** The words before a program that run it as this user. */
  private List<String> asUser() {
    List<String> words = new ArrayList<>(List.of("setpriv", "--reuid=" + user, "--regid=" + group));
    words.add(groups.isEmpty() ? "--clear-groups" : "--groups=" + groups);
    return words;
  }

  /** Makes the folder of the memory's sockets if it is gone, as the user, for the user alone. */
  void makeFolder(Path folder) throws IOException {
    if (isThisUser) {
      SocketFolder.keep(folder);
      return;
    }
    if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    // the name is that user's word, so root makes nothing there by itself
    List<String> line = new ArrayList<>(asUser());
    line.addAll(List.of("mkdir", "--mode=700", "--", folder.toString()));
    ProcessBuilder mkdir = new ProcessBuilder(line).redirectErrorStream(true);
    mkdir.environment().clear();
    mkdir.environment().put("PATH", ROOT_PATH);
    Process made = mkdir.start();
    String words = new String(made.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (made.waitFor() != 0) {
        throw new IOException(words.strip());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** What a new guardian is started in. */
  Surroundings surroundings(Path meeting) {
    if (isThisUser) {
      return new Surroundings(
          java(), List.of(), meeting, null, workingFolder(), environment(), errors());
    }
    // setpriv starts as root, and that user's variables could make it do anything
    return new Surroundings(
        java(), asUser(), meeting, user, workingFolder(), Map.of("PATH", ROOT_PATH), errors());
  }

  /** The application's own program if that is called java: it has read this class path before. */
  private Path java() {
    try {
      Path program = Files.readSymbolicLink(of("exe"));
      if (program.endsWith("java") && Files.isExecutable(program)) {
        return program;
      }
    } catch (IOException e) {
      // the one that runs this does
    }
    return Path.of(System.getProperty("java.home"), "bin", "java");
  }

  private File workingFolder() {
    return of("cwd").toFile();
  }

  private Map<String, String> environment() {
    Map<String, String> all = new HashMap<>();
    try {
      // as the JVM writes them into the new process
      Charset letters = Charset.forName(System.getProperty("native.encoding", "UTF-8"));
      for (String each : new String(Files.readAllBytes(of("environ")), letters).split("\0", -1)) {
        int equals = each.indexOf('=');
        if (equals > 0) {
          all.put(each.substring(0, equals), each.substring(equals + 1));
        }
      }
    } catch (IOException e) {
      return System.getenv();
    }
    return all;
  }

  /** Where a guardian's words can be read. */
  String errorsAre() {
    return isThisUser
        ? "its own words are where those of process %d go".formatted(pid)
        : "run this as user %d, and its own words are where those of process %d go"
            .formatted(user, pid);
  }

  /** Where the application's own words go: a terminal of this command may be closed soon. */
  private Redirect errors() {
    Path theirs = RunningMemory.folder(pid).resolve("2");
    try {
      String target = RunningMemory.target(theirs);
      boolean opens =
          target.startsWith("pipe:")
              || target.startsWith("/dev/")
              || (Files.isRegularFile(theirs) && Files.isWritable(theirs));
      return opens && isThisUser ? Redirect.appendTo(theirs.toFile()) : Redirect.DISCARD;
    } catch (IOException e) {
      return Redirect.DISCARD;
    }
  }
}
