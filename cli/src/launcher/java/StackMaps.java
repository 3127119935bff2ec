// SPDX-License-Identifier: Apache-2.0
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.ConstantPoolSharingOption;
import java.lang.classfile.ClassFile.StackMapsOption;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Makes jars fit for an AOT cache, for the launcher and the package.
 *
 * <p>Classes of old jars get the stack maps that came with Java 6: the JVM keeps no class without
 * them in a cache, and picocli's are compiled for Java 5. Of a class nothing changes but its
 * version and that its methods carry the types a verifier would otherwise infer.
 *
 * <p>Sealed jars are unsealed, as xz is one: a cache remembers where the jar of a sealed package
 * lay, and once it was moved, the JVM (25) ends at each start with a "sealing violation".
 *
 * <p>The jars are rewritten in their place and are to be copies. Signed jars stay as they are, and
 * so do those with nothing to change.
 */
public final class StackMaps {
  // a shared constant pool would let methods through as bytes, without maps
  private static final ClassFile FORMAT =
      ClassFile.of(StackMapsOption.GENERATE_STACK_MAPS, ConstantPoolSharingOption.NEW_POOL);

  private StackMaps() {}

  /**
   * Rewrites each jar that has old classes; all of its classes must be on the class path.
   *
   * @param args the jars
   * @throws IOException if a jar cannot be read or written; it is then as it was
   */
  public static void main(String[] args) throws IOException {
    for (String arg : args) {
      rewrite(Path.of(arg));
    }
  }

  private static void rewrite(Path jar) throws IOException {
    Path mapped = jar.resolveSibling(jar.getFileName() + ".mapped");
    try (ZipFile in = new ZipFile(jar.toFile())) {
      List<? extends ZipEntry> entries = Collections.list(in.entries());
      if (entries.stream().anyMatch(StackMaps::isSignature)
          || (!hasOldClass(in, entries) && !isSealed(in))) {
        return;
      }
      try (OutputStream file = Files.newOutputStream(mapped);
          ZipOutputStream out = new ZipOutputStream(file)) {
        for (ZipEntry entry : entries) {
          byte[] bytes = read(in, entry);
          ZipEntry same = new ZipEntry(entry.getName());
          same.setTimeLocal(entry.getTimeLocal()); // the same bytes whenever it is rewritten
          out.putNextEntry(same);
          out.write(changed(entry, bytes));
          out.closeEntry();
        }
      }
      Files.move(mapped, jar, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(mapped);
    }
  }

  private static boolean isSignature(ZipEntry entry) {
    return entry.getName().startsWith("META-INF/") && entry.getName().endsWith(".SF");
  }

  private static boolean hasOldClass(ZipFile jar, List<? extends ZipEntry> entries)
      throws IOException {
    for (ZipEntry entry : entries) {
      if (isOld(entry, read(jar, entry))) {
        return true;
      }
    }
    return false;
  }

  private static boolean isSealed(ZipFile jar) throws IOException {
    ZipEntry manifest = jar.getEntry(JarFile.MANIFEST_NAME);
    return manifest != null && !Arrays.equals(read(jar, manifest), unsealed(read(jar, manifest)));
  }

  private static byte[] changed(ZipEntry entry, byte[] bytes) throws IOException {
    if (entry.getName().equals(JarFile.MANIFEST_NAME)) {
      return unsealed(bytes);
    }
    return isOld(entry, bytes) ? withMaps(bytes) : bytes;
  }

  /** A manifest that seals no package; the very bytes if it sealed none. */
  private static byte[] unsealed(byte[] bytes) throws IOException {
    Manifest manifest = new Manifest(new ByteArrayInputStream(bytes));
    boolean sealed = manifest.getMainAttributes().remove(Attributes.Name.SEALED) != null;
    for (Attributes each : manifest.getEntries().values()) {
      sealed |= each.remove(Attributes.Name.SEALED) != null;
    }
    if (!sealed) {
      return bytes;
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    manifest.write(out);
    return out.toByteArray();
  }

  private static byte[] read(ZipFile jar, ZipEntry entry) throws IOException {
    try (InputStream in = jar.getInputStream(entry)) {
      return in.readAllBytes();
    }
  }

  private static boolean isOld(ZipEntry entry, byte[] bytes) {
    return entry.getName().endsWith(".class")
        && FORMAT.parse(bytes).majorVersion() < ClassFile.JAVA_6_VERSION;
  }

  private static byte[] withMaps(byte[] bytes) {
    ClassModel old = FORMAT.parse(bytes);
    return FORMAT.transformClass(
        old,
        (out, element) -> {
          if (element instanceof ClassFileVersion) {
            out.withVersion(ClassFile.JAVA_8_VERSION, 0);
          } else {
            out.with(element);
          }
        });
  }
}
