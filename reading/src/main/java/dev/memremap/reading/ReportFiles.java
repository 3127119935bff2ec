// SPDX-License-Identifier: Apache-2.0
package dev.memremap.reading;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.jspecify.annotations.Nullable;

/**
 * The files of a report: a map, and the files beside it. A folder or a tar archive, such as a
 * sosreport, is searched for files by their names. Of several for one role, the one that lies less
 * deep counts. A file that cannot be read is left out with a remark.
 *
 * <p>Thread safety: for one thread.
 */
final class ReportFiles {
  /**
   * A file that was taken.
   *
   * @param path where the report has it
   */
  private record Taken(String path, FileText text) {
    /** Whether a file would be taken in its place. */
    boolean isBehind(String other) {
      int deeper = Integer.compare(depth(path), depth(other));
      return deeper != 0 ? deeper > 0 : path.compareTo(other) > 0;
    }

    private static int depth(String path) {
      return (int) path.chars().filter(c -> c == '/').count();
    }
  }

  private final String name;
  private final LeftOut leftOut;
  private final ReadBudget budget = new ReadBudget();
  private final Map<ReportRole, Taken> found = new EnumMap<>(ReportRole.class);
  private @Nullable IOException end;

  private ReportFiles(String name, LeftOut leftOut) {
    this.name = name;
    this.leftOut = leftOut;
  }

  /**
   * The files that a path means: one file, all below a folder, or all in an archive.
   *
   * @param remarks get what was left out
   * @throws UncheckedIOException if the file, the folder or the archive cannot be read; the message
   *     is a sentence
   */
  static ReportFiles of(Path path, Remarks remarks) {
    String name = PackedFile.name(path);
    if (Files.isDirectory(path)) {
      ReportFiles files = new ReportFiles(name, new LeftOut(name, "/", remarks));
      try {
        // a walk does not follow a link, not even the first
        files.addFolder(path.toRealPath());
      } catch (IOException e) {
        throw UnreadableFile.of(name, e);
      }
      return files;
    }
    ReportFiles files = new ReportFiles(name, new LeftOut(name, ":", remarks));
    PackedFile.use(
        path,
        in -> {
          if (PackedFile.isTar(in)) {
            files.addArchive(in);
          } else {
            files.found.put(ReportRole.MAP, new Taken("", PackedFile.text(name, in)));
          }
          return files;
        });
    return files;
  }

  private void addFolder(Path folder) throws IOException {
    for (Path file : ReportFolder.files(folder, leftOut)) {
      String path = folder.relativize(file).toString();
      if (mayTake(path)) {
        try (InputStream in = Files.newInputStream(file)) {
          take(path, in);
        } catch (IOException e) {
          leftOut.add(path, e);
        }
      }
      if (budget.isUsedUp()) {
        leftOut.doubt("its files unpack to more than 1 GiB, and the rest was not read");
        break;
      }
    }
    leftOut.end();
  }

  /** An archive that ends too early is read as far as it goes, if that leads to a map. */
  private void addArchive(BufferedInputStream in) throws IOException {
    try (BoundedTar archive = new BoundedTar(budget.counting(in))) {
      addEntries(archive);
    } catch (IOException e) {
      end = e;
      leftOut.doubt("only its beginning was read (%s)".formatted(UnreadableFile.reason(e)));
    }
    leftOut.end();
    if (end != null && !hasMap()) {
      throw end;
    }
  }

  private void addEntries(BoundedTar archive) throws IOException {
    TarArchiveEntry entry = archive.getNextEntry();
    for (int i = 0; entry != null; i++) {
      if (i == ReportFolder.MAX_FILES) {
        leftOut.doubt("it has more than %d files, and the rest was not looked at".formatted(i));
        return;
      }
      String path = entry.getName();
      if (entry.isFile() && !entry.isSparse() && mayTake(path)) {
        try {
          take(path, archive);
        } catch (IOException e) {
          leftOut.add(path, e);
        }
      }
      entry = archive.getNextEntry();
    }
  }

  /** Whether a file has a role that no better one has. */
  private boolean mayTake(String path) {
    return ReportRole.of(path)
        .map(role -> !found.containsKey(role) || found.get(role).isBehind(path))
        .orElse(false);
  }

  /** Takes a file if it holds what its name says. */
  private void take(String path, InputStream in) throws IOException {
    ReportRole role = ReportRole.of(path).orElseThrow();
    InputStream unpacked = budget.counting(PackedFile.unpacked(in));
    FileText text = PackedFile.text(leftOut.name(path), unpacked, role.maxBytes());
    if (role.holds(text)) {
      found.put(role, new Taken(path, text));
    }
  }

  private boolean hasMap() {
    return found.containsKey(ReportRole.MAP)
        || found.containsKey(ReportRole.DMESG)
        || found.containsKey(ReportRole.BLOCKS);
  }

  /** The file with the memory map. */
  FileText map() {
    for (ReportRole role : List.of(ReportRole.MAP, ReportRole.DMESG, ReportRole.BLOCKS)) {
      Taken file = found.get(role);
      if (file != null) {
        return file.text();
      }
    }
    throw new IllegalArgumentException(
        name + ": no file there is named iomem, dmesg or lsmem and holds what its name says");
  }

  /** The files that state facts. */
  Map<FactFile, FileText> facts() {
    Map<FactFile, FileText> facts = new EnumMap<>(FactFile.class);
    found.forEach(
        (role, file) -> {
          FactFile fact = role.fact();
          if (fact != null) {
            facts.put(fact, file.text());
          }
        });
    return facts;
  }
}
