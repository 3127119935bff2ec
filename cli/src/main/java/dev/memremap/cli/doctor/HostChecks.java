// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.doctor;

import static dev.memremap.cli.doctor.Check.Group.HOST;

import dev.memremap.linux.LinuxHostMemory;
import dev.memremap.spi.IoReason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the memory of this computer needs: a Linux that shows it, and privileges.
 *
 * @param root the directory that holds {@code proc}, {@code sys} and {@code dev}
 * @param architecture the processor's, as Java names it
 */
record HostChecks(Path root, String architecture) {
  private static final Pattern RESOURCE =
      Pattern.compile("^\\s*([0-9a-f]+)-([0-9a-f]+) : ", Pattern.MULTILINE);
  private static final Pattern CHOSEN = Pattern.compile("\\[(\\w+)\\]");
  private static final int MOST_CHARACTERS = 1 << 20;
  private static final Pattern PACKAGE = Pattern.compile("(.*) \\('(.*)'\\)");
  private static final Set<String> X86 = Set.of("amd64", "x86_64", "x86", "i386");
  private static final String DEBUGFS = "sys/kernel/debug/x86/pat_memtype_list";
  private static final Pattern PLAIN = Pattern.compile("[\\w./+:@%,-]+");
  private static final String OUTSIDE = "run outside of this container or user namespace";
  private static final String UNLOCKED =
      "boot without Secure Boot, and without lockdown= on the kernel's command line";

  /** Those of a computer with this processor. */
  HostChecks(Path root) {
    this(root, System.getProperty("os.arch", ""));
  }

  /** All of them but the devices. */
  List<Check> files() {
    List<Check> all = new ArrayList<>();
    look(all, "privileges", this::privileges);
    look(all, "/proc/iomem", this::iomem);
    look(all, "kernel lockdown", this::lockdown);
    look(all, "/dev/mem", this::devMem);
    if (X86.contains(architecture)) {
      look(all, "cache modes", this::memoryTypes);
    }
    look(all, "huge pages", this::hugePages);
    look(all, "libpmem", () -> persistence(LinuxHostMemory.missingForPersistence()));
    return all;
  }

  private static void look(List<Check> all, String name, Supplier<Check> check) {
    all.addAll(Check.looked(HOST, name, () -> List.of(check.get())));
  }

  private Optional<Capabilities> capabilities() {
    return text("proc/self/status").flatMap(Capabilities::of);
  }

  /** What a shell takes for this command as root. */
  static String asRoot(String command) {
    String word =
        PLAIN.matcher(command).matches()
            ? command
            : "'%s'".formatted(command.replace("'", "'\\''"));
    return "run as root: sudo %s …".formatted(word);
  }

  /** What to do about missing privileges. A root inside a container may lack them, too. */
  private String remedy() {
    Optional<Capabilities> capabilities = capabilities();
    if (capabilities.filter(Capabilities::root).isEmpty()) {
      return asRoot(System.getProperty("memremap.command", "memremap"));
    }
    List<String> missing = capabilities.get().missing();
    return missing.isEmpty()
        ? OUTSIDE
        : "run outside of this container, or let it have %s, with docker's --cap-add for one"
            .formatted(String.join(" and ", missing));
  }

  Check privileges() {
    String name = "privileges";
    Optional<Capabilities> capabilities = capabilities();
    if (capabilities.isEmpty()) {
      return Check.note(
          HOST, name, "/proc/self/status does not say which capabilities this process has", "");
    }
    List<String> missing = capabilities.get().missing();
    return missing.isEmpty()
        ? Check.ok(HOST, name, "CAP_SYS_ADMIN, CAP_SYS_RAWIO and CAP_DAC_OVERRIDE")
        : Check.missing(HOST, name, "no " + String.join(", no ", missing), remedy());
  }

  Check iomem() {
    String name = "/proc/iomem";
    Optional<String> map = text("proc/iomem");
    if (map.isEmpty()) {
      return Check.missing(HOST, name, why("proc/iomem"), "use a machine file: -m FILE");
    }
    Matcher line = RESOURCE.matcher(map.get());
    int resources = 0;
    boolean shown = false;
    while (line.find()) {
      resources++;
      shown |= Pattern.compile("[1-9a-f]").matcher(line.group(2)).find();
    }
    if (resources == 0) {
      return Check.missing(HOST, name, "lists nothing", "use a machine file: -m FILE");
    }
    return shown
        ? Check.ok(HOST, name, "%d resources, with their addresses".formatted(resources))
        : Check.missing(HOST, name, "shows zeros in place of addresses", remedy());
  }

  Check lockdown() {
    String name = "kernel lockdown";
    Optional<String> modes = text("sys/kernel/security/lockdown");
    if (modes.isEmpty()) {
      return Check.note(
          HOST, name, "not known here: /sys/kernel/security/lockdown is not readable", "");
    }
    String mode = mode(modes.get());
    return mode.equals("none")
        ? Check.ok(HOST, name, "none")
        : Check.note(
            HOST, name, mode + ": /dev/mem and the BARs of PCI devices cannot be opened", UNLOCKED);
  }

  private static String mode(String modes) {
    Matcher chosen = CHOSEN.matcher(modes);
    return chosen.find() ? chosen.group(1) : modes.strip();
  }

  private boolean isLocked() {
    return text("sys/kernel/security/lockdown")
        .filter(modes -> !mode(modes).equals("none"))
        .isPresent();
  }

  Check devMem() {
    String name = "/dev/mem";
    Path file = root.resolve("dev/mem");
    if (!Files.exists(file)) {
      return Check.note(
          HOST,
          name,
          "is not there: the kernel was built without DEVMEM, or this is a container; BARs, DAX"
              + " and UIO do without it",
          "");
    }
    try {
      Files.newInputStream(file).close();
      return Check.ok(HOST, name, "opens; a kernel with STRICT_DEVMEM keeps its RAM to itself");
    } catch (IOException e) {
      boolean isLacking = capabilities().filter(mine -> mine.missing().isEmpty()).isEmpty();
      return Check.note(
          HOST,
          name,
          "does not open: " + IoReason.of(e),
          isLacking || !isLocked() ? remedy() : UNLOCKED);
    }
  }

  /** What tells the cache modes of this computer; without it they are assumed. */
  Check memoryTypes() {
    String name = "cache modes";
    List<String> unreadable = new ArrayList<>();
    for (String file : List.of("proc/mtrr", DEBUGFS)) {
      if (text(file).isEmpty()) {
        unreadable.add("/%s (%s)".formatted(file, why(file)));
      }
    }
    return unreadable.isEmpty()
        ? Check.ok(HOST, name, "/proc/mtrr and pat_memtype_list tell them")
        : Check.note(
            HOST,
            name,
            "assumed in part: no " + String.join(", no ", unreadable),
            remedyForMemoryTypes());
  }

  private String remedyForMemoryTypes() {
    try {
      Files.newInputStream(root.resolve(DEBUGFS)).close();
      return "";
    } catch (AccessDeniedException e) {
      return remedy();
    } catch (IOException e) {
      return "as root: mount -t debugfs none /sys/kernel/debug";
    }
  }

  Check hugePages() {
    String name = "huge pages";
    Optional<Long> reserved = text("proc/sys/vm/nr_hugepages").flatMap(HostChecks::number);
    if (reserved.isEmpty()) {
      return Check.note(HOST, name, "this kernel has none", "");
    }
    boolean mounted =
        text("proc/mounts").filter(mounts -> mounts.contains(" hugetlbfs ")).isPresent();
    String says =
        "%d set aside, hugetlbfs %s".formatted(reserved.get(), mounted ? "mounted" : "not mounted");
    return reserved.get() > 0 && mounted
        ? Check.ok(HOST, name, says)
        : Check.note(
            HOST, name, says, "as root: sysctl -w vm.nr_hugepages=N; mount -t hugetlbfs none DIR");
  }

  /**
   * What writes persistent memory back.
   *
   * @param missing what is missing for that, with the command that brings it in parentheses
   */
  static Check persistence(Optional<String> missing) {
    String name = "libpmem";
    if (missing.isEmpty()) {
      return Check.ok(HOST, name, "persistent memory is written back by it");
    }
    Matcher parts = PACKAGE.matcher(missing.get());
    boolean isApart = parts.matches();
    return Check.note(
        HOST,
        name,
        "persistent memory cannot be written back: " + (isApart ? parts.group(1) : missing.get()),
        isApart ? parts.group(2) : "");
  }

  private static Optional<Long> number(String text) {
    try {
      return Optional.of(Long.parseLong(text.strip()));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** A file's text; empty where it is not there or may not be read. */
  private Optional<String> text(String file) {
    try (InputStream in = Files.newInputStream(root.resolve(file))) {
      return Optional.of(new String(in.readNBytes(MOST_CHARACTERS), StandardCharsets.UTF_8));
    } catch (IOException notThere) {
      return Optional.empty();
    }
  }

  private String why(String file) {
    try {
      Files.newInputStream(root.resolve(file)).close();
      return "it can be read now";
    } catch (IOException e) {
      return IoReason.of(e);
    }
  }
}
