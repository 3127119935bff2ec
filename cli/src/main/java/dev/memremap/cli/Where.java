// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.Machine;
import dev.memremap.cli.terminal.UsageException;
import dev.memremap.resource.Memparse;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A place as a command line names it. What it is on a machine, {@link #on} tells: so words that
 * mean nothing are refused before a machine is read.
 */
sealed interface Where {
  /** How the words for a place are listed in help and refusals. */
  String WORDS =
      "0x…, START+SIZE, START-END in hexadecimal, or DEVICE/BAR+OFFSET such as"
          + " 0000:03:00.0/0+0x10";

  /** How an address or a range is written, for sentences about what takes no name. */
  String ADDRESSES = "0x…, START+SIZE, or START-END in hexadecimal";

  /** Where it lies on this machine. */
  Spot on(Machine machine);

  /**
   * A place on a machine.
   *
   * @param start its first byte
   * @param size how many bytes it has; 1 for a point
   * @param extent what the size is
   * @param around the region that it must stay in; null without one
   */
  record Spot(long start, long size, Extent extent, @Nullable Region around) {
    /** A place with the same first byte and another size. */
    Spot sized(long bytes) {
      Spot changed = new Spot(start, bytes, Extent.GIVEN, around);
      changed.requireInside();
      return changed;
    }

    /** The bytes. */
    PhysRange range() {
      try {
        return PhysRange.of(start, size);
      } catch (IllegalArgumentException e) {
        throw new UsageException(String.valueOf(e.getMessage()), e);
      }
    }

    private void requireInside() {
      if (around != null && !(size == 0 ? around.range.contains(start) : isInside(around.range))) {
        throw around.beyond(start - around.range.start(), size);
      }
    }

    private boolean isInside(PhysRange region) {
      long last = start + (size - 1);
      return Long.compareUnsigned(last, start) >= 0
          && region.contains(start)
          && region.contains(last);
    }
  }

  /** What the size of a place is. */
  enum Extent {
    /** It has none: it is an address. */
    POINT,
    /** The words for the place say it. */
    GIVEN,
    /** It is that of a thing that was named, a page or a BAR. */
    WHOLE
  }

  /** A region of a device. */
  record Region(PhysRange range, String words) {
    private UsageException beyond(long offset, long size) {
      return new UsageException(
          "%s is %s and has %s bytes; 0x%x+0x%x goes beyond it"
              .formatted(words, range, Words.bytes(range), offset, size));
    }
  }

  /** An address. */
  record At(long address) implements Where {
    @Override
    public Spot on(Machine machine) {
      return new Spot(address, 1, Extent.POINT, null);
    }
  }

  /** A first byte and a size as they were written: it may be 0, or reach past the last address. */
  record Span(long start, long size) implements Where {
    @Override
    public Spot on(Machine machine) {
      return new Spot(start, size, Extent.GIVEN, null);
    }
  }

  /** A page by its frame number. */
  record Pfn(long number) implements Where {
    @Override
    public Spot on(Machine machine) {
      try {
        PhysRange page = PhysRange.ofPfns(number, number, machine.pageSize());
        return new Spot(page.start(), page.sizeBytes(), Extent.WHOLE, null);
      } catch (IllegalArgumentException e) {
        throw new UsageException(String.valueOf(e.getMessage()), e);
      }
    }
  }

  /**
   * A region of a device, or bytes of it.
   *
   * @param offset of the first byte; null for the whole region
   * @param size how many bytes; null if that is not said
   */
  record OfDevice(String device, int bar, @Nullable Long offset, @Nullable Long size)
      implements Where {
    @Override
    public Spot on(Machine machine) {
      PhysRange range;
      try {
        range = machine.device(device).bar(bar);
      } catch (IllegalArgumentException e) {
        throw new UsageException(
            String.valueOf(e.getMessage()).replace("; machine.newDevice makes one", ""), e);
      }
      Region region = new Region(range, "BAR %d of %s".formatted(bar, device));
      if (offset == null) {
        return new Spot(range.start(), range.sizeBytes(), Extent.WHOLE, region);
      }
      if (Long.compareUnsigned(offset, -1 - range.start()) > 0) {
        throw region.beyond(offset, size == null ? 1 : size);
      }
      Spot spot =
          new Spot(
              range.start() + offset,
              size == null ? 1 : size,
              size == null ? Extent.POINT : Extent.GIVEN,
              region);
      spot.requireInside();
      return spot;
    }
  }

  /** A resource by its name. */
  record Named(String name) implements Where {
    private static final int LISTED = 8;

    @Override
    public Spot on(Machine machine) {
      List<Resource> found = machine.resources().named(name);
      if (found.isEmpty()) {
        throw new UsageException(
            "no resource is named '%s'; 'memremap iomem' lists the names%s"
                .formatted(name, otherwise()));
      }
      if (found.size() > 1) {
        throw new UsageException(
            "%d resources are named '%s': %s%s; write the range of the one you mean"
                .formatted(
                    found.size(),
                    name,
                    found.stream()
                        .limit(LISTED)
                        .map(each -> Words.range(each.range()))
                        .collect(Collectors.joining(", ")),
                    found.size() > LISTED ? " and others" : ""));
      }
      PhysRange range = found.getFirst().range();
      return new Spot(range.start(), range.sizeBytes(), Extent.WHOLE, null);
    }

    /** What else may have been meant. */
    private String otherwise() {
      if (HEX.matcher(name).matches()) {
        return ", and 0x%s is an address".formatted(name);
      }
      return name.indexOf('/') < 0
          ? ""
          : "; for a region of a device, write DEVICE/BAR+OFFSET, such as 0000:03:00.0/0+0x10";
    }

    private boolean isOn(Machine machine) {
      return !machine.resources().named(name).isEmpty();
    }
  }

  /** Looks for a region of a device first, and then for a resource of that name. */
  record OfDeviceOrNamed(OfDevice region, Named resource) implements Where {
    @Override
    public Spot on(Machine machine) {
      try {
        return region.on(machine);
      } catch (UsageException e) {
        if (resource.isOn(machine)) {
          return resource.on(machine);
        }
        throw e;
      }
    }
  }

  Pattern HEX = Pattern.compile("[0-9a-fA-F]{1,16}");
  Pattern BOUNDS = Pattern.compile("(?:0x)?[0-9a-fA-F]+-(?:0x)?[0-9a-fA-F]+");
  Pattern DEVICE =
      Pattern.compile("([^/+]+)/([0-9]{1,3})(?:\\+([0-9a-zA-Z]+))?(?:\\+([0-9a-zA-Z]+))?");
  Pattern SHORT_BDF = Pattern.compile("[0-9a-f]{2}:[0-9a-f]{2}\\.[0-7]");

  /**
   * Reads an address, a range or a region of a device.
   *
   * @throws UsageException if the text is something else
   */
  static Where parse(String text) {
    return text.indexOf('/') >= 0 ? device(text) : parse(text, WORDS);
  }

  /**
   * Reads an address or a range.
   *
   * @throws UsageException if the text is neither
   */
  static Where parseAddresses(String text) {
    return parse(text, ADDRESSES);
  }

  private static Where parse(String text, String words) {
    try {
      int plus = text.indexOf('+');
      if (plus >= 0) {
        return new Span(
            PhysRange.parseAddress(text.substring(0, plus)),
            Memparse.parseAnyCase(text.substring(plus + 1)));
      }
      if (text.indexOf('-') >= 0) {
        PhysRange range = bounds(text);
        return new Span(range.start(), range.sizeBytes());
      }
      return new At(PhysRange.parseAddress(text));
    } catch (IllegalArgumentException e) {
      throw new UsageException(refused(e, "a place is " + words), e);
    }
  }

  /**
   * Reads START-END.
   *
   * @throws IllegalArgumentException if the text is not a range
   * @throws UsageException if it is all addresses, whose number no size can hold
   */
  static PhysRange bounds(String text) {
    PhysRange range = PhysRange.parse(text);
    if (range.sizeBytes() == 0) {
      throw new UsageException(text + " is every address there is; name fewer");
    }
    return range;
  }

  /** Why a text is not a place, with what would be one, unless that is said already. */
  static String refused(IllegalArgumentException why, String instead) {
    String said = String.valueOf(why.getMessage());
    return said.contains("did you mean") ? said : "%s; %s".formatted(said, instead);
  }

  /**
   * Reads what {@link #parse} does, {@code pfn:N}, or a resource's name.
   *
   * @throws UsageException if the text is an address that means nothing
   */
  static Where parseAny(String text) {
    if (text.startsWith("pfn:")) {
      try {
        return new Pfn(Memparse.parseAnyCase(text.substring("pfn:".length())));
      } catch (NumberFormatException e) {
        throw new UsageException(String.valueOf(e.getMessage()), e);
      }
    }
    boolean isNumber = !text.isEmpty() && text.charAt(0) >= '0' && text.charAt(0) <= '9';
    boolean isAddress =
        text.startsWith("0x") || (isNumber && text.chars().allMatch(Where::isOfAddress));
    if (text.indexOf('/') >= 0) {
      return DEVICE.matcher(text).matches()
          ? new OfDeviceOrNamed(device(text), new Named(text))
          : new Named(text);
    }
    return isAddress || BOUNDS.matcher(text).matches() ? parse(text) : new Named(text);
  }

  /** Whether a letter can be part of {@code 0x40000000+4K}. */
  private static boolean isOfAddress(int letter) {
    return Character.digit(letter, 16) >= 0 || "xXkKmMgGtT+-".indexOf(letter) >= 0;
  }

  private static OfDevice device(String text) {
    Matcher written = DEVICE.matcher(text);
    if (!written.matches()) {
      throw new UsageException(
          "'%s' does not name a region of a device; write DEVICE/BAR+OFFSET, such as 0000:03:00.0/0+0x10"
              .formatted(text));
    }
    String name = written.group(1);
    return new OfDevice(
        SHORT_BDF.matcher(name).matches() ? "0000:" + name : name,
        Integer.parseInt(written.group(2)),
        number(written.group(3)),
        number(written.group(4)));
  }

  private static @Nullable Long number(@Nullable String text) {
    return text == null ? null : Memparse.parseAnyCase(text);
  }
}
