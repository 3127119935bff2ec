// SPDX-License-Identifier: Apache-2.0
package dev.memremap.reading;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;

/**
 * The files of a report: a map, and what lies beside it. A folder or a tar archive, a sosreport for
 * one, is searched for files whose names say what they hold.
 *
 * <p>Thread safety: for one thread.
 */
final class ReportFiles {
  private static final int MAX_DEPTH = 12;
  private static final int MAX_FILES = 200_000;

  /** What a file's name says it holds. */
  private enum Role {
    MAP("iomem", null),
    BLOCKS("lsmem", null),
    CPUINFO("cpuinfo", FactFile.CPUINFO),
    MTRR("mtrr", FactFile.MTRR),
    PAT("memtype", FactFile.PAT),
    LSPCI("lspci", FactFile.LSPCI),
    DMESG("dmesg|kern\\.log.*|journal.*", FactFile.DMESG);

    private final Pattern names;
    private final @Nullable FactFile fact;

    Role(String names, @Nullable FactFile fact) {
      this.names = Pattern.compile(names);
      this.fact = fact;
    }

    static Optional<Role> of(String path) {
      String name = path.substring(path.lastIndexOf('/') + 1).toLowerCase(Locale.ROOT);
      for (Role role : values()) {
        if (role.names.matcher(name).find()) {
          return Optional.of(role);
        }
      }
      return Optional.empty();
    }

    boolean holds(FileText file) {
      return fact == null ? !file.text().isBlank() : fact.isIn(file.text());
    }
  }

  private final String name;
  private final Map<Role, FileText> found = new EnumMap<>(Role.class);

  private ReportFiles(String name) {
    this.name = name;
  }

  /**
   * The files that a path means: one file, all below a folder, or all in an archive.
   *
   * @throws UncheckedIOException if something cannot be read; the message is a sentence
   */
  static ReportFiles of(Path path) {
    ReportFiles files = new ReportFiles(PackedFile.name(path));
    if (Files.isDirectory(path)) {
      files.addFolder(path);
    } else {
      PackedFile.use(
          path,
          in -> {
            if (PackedFile.isTar(in)) {
              files.addArchive(in);
            } else {
              files.found.put(Role.MAP, PackedFile.text(files.name, in));
            }
            return files;
          });
    }
    return files;
  }

  private void addFolder(Path folder) {
    try (Stream<Path> walk = Files.walk(folder, MAX_DEPTH)) {
      List<Path> named =
          walk.limit(MAX_FILES)
              .filter(file -> Role.of(file.toString()).isPresent())
              .filter(Files::isRegularFile)
              .sorted(Comparator.comparingInt(Path::getNameCount).thenComparing(path -> path))
              .toList();
      for (Path file : named) {
        try (InputStream in = Files.newInputStream(file)) {
          add(Role.of(file.toString()).orElseThrow(), file.toString(), in);
        }
      }
    } catch (IOException | UncheckedIOException e) {
      throw new UncheckedIOException(
          name + ": cannot be read (" + e.getMessage() + ")", new IOException(e));
    }
  }

  private void addArchive(BufferedInputStream in) throws IOException {
    try (TarArchiveInputStream archive = new TarArchiveInputStream(in)) {
      List<Map.Entry<Role, FileText>> texts = new ArrayList<>();
      TarArchiveEntry entry = archive.getNextEntry();
      for (int i = 0; entry != null && i < MAX_FILES; i++) {
        Optional<Role> role = Role.of(entry.getName());
        if (entry.isFile() && role.isPresent()) {
          texts.add(Map.entry(role.get(), text(name + ":" + entry.getName(), archive)));
        }
        entry = archive.getNextEntry();
      }
      texts.sort(
          Comparator.comparingLong(
                  (Map.Entry<Role, FileText> text) ->
                      text.getValue().name().chars().filter(c -> c == '/').count())
              .thenComparing(text -> text.getValue().name()));
      texts.forEach(text -> keep(text.getKey(), text.getValue()));
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private void add(Role role, String file, InputStream in) throws IOException {
    if (!found.containsKey(role)) {
      keep(role, text(file, in));
    }
  }

  private static FileText text(String file, InputStream in) throws IOException {
    return PackedFile.text(file, PackedFile.unpacked(in));
  }

  /** Keeps the first file of a kind that holds what its name says. */
  private void keep(Role role, FileText file) {
    if (role.holds(file)) {
      found.putIfAbsent(role, file);
    }
  }

  /** The file that says what lies where. */
  FileText map() {
    for (Role role : List.of(Role.MAP, Role.DMESG, Role.BLOCKS)) {
      FileText file = found.get(role);
      if (file != null) {
        return file;
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
          if (role.fact != null) {
            facts.put(role.fact, file);
          }
        });
    return facts;
  }
}
