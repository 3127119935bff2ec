// SPDX-License-Identifier: Apache-2.0
package dev.memremap.reading;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.FileVisitor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The files below a folder whose names say that they belong to a report. What cannot be looked at
 * is left out, and the rest is found all the same.
 *
 * <p>Thread safety: for one thread.
 */
final class ReportFolder implements FileVisitor<Path> {
  static final int MAX_DEPTH = 12;
  static final int MAX_FILES = 200_000;

  private final Path folder;
  private final LeftOut leftOut;
  private final List<Path> named = new ArrayList<>();
  private int files;
  private boolean isDeeper;

  private ReportFolder(Path folder, LeftOut leftOut) {
    this.folder = folder;
    this.leftOut = leftOut;
  }

  /**
   * The files, those that lie less deep first.
   *
   * @param folder a folder, not a link to one
   * @throws IOException if the folder itself cannot be read
   */
  static List<Path> files(Path folder, LeftOut leftOut) throws IOException {
    ReportFolder found = new ReportFolder(folder, leftOut);
    Files.walkFileTree(folder, EnumSet.noneOf(FileVisitOption.class), MAX_DEPTH, found);
    if (found.isDeeper) {
      leftOut.doubt("what lies more than %d folders deep was not looked at".formatted(MAX_DEPTH));
    }
    found.named.sort(Comparator.comparingInt(Path::getNameCount).thenComparing(path -> path));
    return found.named;
  }

  @Override
  public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
    return FileVisitResult.CONTINUE;
  }

  @Override
  public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
    files++;
    if (files > MAX_FILES) {
      leftOut.doubt(
          "it has more than %d files, and the rest was not looked at".formatted(MAX_FILES));
      return FileVisitResult.TERMINATE;
    }
    if (attributes.isDirectory()) {
      isDeeper = true;
    } else if (ReportRole.of(file.toString()).isPresent() && Files.isRegularFile(file)) {
      named.add(file);
    }
    return FileVisitResult.CONTINUE;
  }

  @Override
  public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
    if (file.equals(folder)) {
      throw e;
    }
    leftOut.add(folder.relativize(file).toString(), e);
    return FileVisitResult.CONTINUE;
  }

  @Override
  public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e)
      throws IOException {
    return e == null ? FileVisitResult.CONTINUE : visitFileFailed(directory, e);
  }
}
