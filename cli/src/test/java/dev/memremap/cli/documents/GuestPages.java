// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.documents;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Carries out, in a guest and as root, the blocks of all pages that are marked for one, and the
 * files that they need.
 */
final class GuestPages {
  /** What it says when it has come to the end of all pages. */
  static final String ENDED = "documents: ended";

  private GuestPages() {}

  /** Says each difference, then how many blocks there were. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    long blocks = 0;
    Path scratch = Files.createTempDirectory("pages");
    Path place = Files.createDirectory(scratch.resolve("place"));
    // what pages name lies in the project's folder, to which a guest cannot write
    Files.createSymbolicLink(place.resolve("examples"), Page.ROOT.resolve("examples"));
    try (PageRun run = PageRun.inGuest(place, scratch)) {
      for (Page page : Page.all()) {
        if (page.blocks().stream().noneMatch(block -> block.is(Mark.Kind.GUEST))) {
          continue;
        }
        System.out.println("documents: " + page);
        blocks += page.blocks().stream().filter(block -> block.is(Mark.Kind.GUEST)).count();
        run.carryOut(page);
        for (File file : place.toFile().listFiles(File::isFile)) {
          Files.delete(file.toPath());
        }
      }
      run.differences().forEach(each -> System.out.println("difference: " + each));
    }
    System.out.println(ENDED + ", " + blocks + " blocks");
  }
}
