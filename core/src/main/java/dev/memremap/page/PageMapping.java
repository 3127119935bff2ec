// SPDX-License-Identifier: Apache-2.0
package dev.memremap.page;

import dev.memremap.rule.Rule;
import java.util.Objects;

/**
 * What a page is mapped by, a file or a character device: the part of {@code struct address_space}
 * that {@code memory_failure} looks at ({@link Rule#MF_3 MF-3}). A page has one by {@link
 * Page#mapping(PageMapping)}.
 *
 * <p>Thread safety: immutable.
 *
 * @param name what it is called, such as {@code /dev/dax0.0}
 * @param kind what it is
 */
public record PageMapping(String name, Kind kind) {

  /** What pages can be mapped by. */
  public enum Kind {
    /** A character device of device DAX, {@code /dev/daxX.Y}: its pages can always be locked. */
    DEVICE_DAX,
    /**
     * A file of a file system mounted with DAX: the pages that it has can be locked, which are
     * those that it is the mapping of.
     */
    DAX_FILE,
    /** A file whose pages are cached: none of them can be locked as DAX pages are. */
    FILE;

    /** Returns whether memory failures of its pages are handled: {@code dax_mapping}. */
    public boolean isDax() {
      return this != FILE;
    }
  }

  /** Checks the parts. */
  public PageMapping {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(kind, "kind");
  }

  /** Returns that of a character device, such as {@code /dev/dax0.0}. */
  public static PageMapping deviceDax(String name) {
    return new PageMapping(name, Kind.DEVICE_DAX);
  }

  /** Returns that of a file on a file system with DAX. */
  public static PageMapping daxFile(String name) {
    return new PageMapping(name, Kind.DAX_FILE);
  }

  /** Returns that of a file without DAX. */
  public static PageMapping file(String name) {
    return new PageMapping(name, Kind.FILE);
  }
}
