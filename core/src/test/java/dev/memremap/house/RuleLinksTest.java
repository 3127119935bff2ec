// SPDX-License-Identifier: Apache-2.0
package dev.memremap.house;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.doctree.DocCommentTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.tree.PackageTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The condition on numbers of rules in the Javadoc that users read. */
class RuleLinksTest {
  private static final List<String> MODULES = List.of("core", "testkit", "linux", "pager");
  private static final Pattern EXPORTS = Pattern.compile("exports ([\\w.]+);");
  private static final Pattern LINK = Pattern.compile("\\{@link(?:plain)? [^}]*}");
  private static final Pattern NUMBER =
      Pattern.compile(
          "\\b(?:W|C|D|LIB|RES|RI|MR|MU|IO|ENC|MT|PR|AM|NS|DP|TD|PG|GP|TY|MF|DR)-\\d+\\b");

  @TempDir private Path folder;

  /** The numbers that stand as plain text, each with its file and what it documents. */
  private static List<String> plainNumbers(List<Path> files) throws IOException {
    List<String> found = new ArrayList<>();
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
      JavacTask task =
          (JavacTask)
              compiler.getTask(
                  null, manager, null, null, null, manager.getJavaFileObjectsFromPaths(files));
      DocTrees docs = DocTrees.instance(task);
      for (CompilationUnitTree unit : task.parse()) {
        new PublicComments(docs, found).scan(unit, null);
      }
    }
    return found;
  }

  /** Reads the comments of what is public or protected, without descending into what is not. */
  private static final class PublicComments
      extends TreePathScanner<@Nullable Void, @Nullable Void> {
    private final DocTrees docs;
    private final List<String> found;

    PublicComments(DocTrees docs, List<String> found) {
      this.docs = docs;
      this.found = found;
    }

    @Override
    public @Nullable Void visitPackage(PackageTree tree, @Nullable Void unused) {
      read(tree.getPackageName().toString());
      return null;
    }

    @Override
    public @Nullable Void visitClass(ClassTree tree, @Nullable Void unused) {
      if (shown(tree.getModifiers())) {
        read(tree.getSimpleName().toString());
        return super.visitClass(tree, null);
      }
      return null;
    }

    @Override
    public @Nullable Void visitMethod(MethodTree tree, @Nullable Void unused) {
      if (shown(tree.getModifiers())) {
        read(tree.getName().toString());
      }
      return null;
    }

    @Override
    public @Nullable Void visitVariable(VariableTree tree, @Nullable Void unused) {
      if (shown(tree.getModifiers())) {
        read(tree.getName().toString());
      }
      return null;
    }

    private boolean shown(ModifiersTree modifiers) {
      TreePath parent = getCurrentPath().getParentPath();
      boolean inInterface =
          parent.getLeaf() instanceof ClassTree around && around.getKind() == Tree.Kind.INTERFACE;
      return inInterface && !modifiers.getFlags().contains(Modifier.PRIVATE)
          || modifiers.getFlags().contains(Modifier.PUBLIC)
          || modifiers.getFlags().contains(Modifier.PROTECTED);
    }

    private void read(String name) {
      DocCommentTree comment = docs.getDocCommentTree(getCurrentPath());
      if (comment != null) {
        String file =
            Path.of(getCurrentPath().getCompilationUnit().getSourceFile().getName())
                .getFileName()
                .toString();
        NUMBER
            .matcher(LINK.matcher(comment.toString()).replaceAll(""))
            .results()
            .forEach(number -> found.add("%s, %s: %s".formatted(file, name, number.group())));
      }
    }
  }

  private static List<Path> exported() throws IOException {
    List<Path> files = new ArrayList<>();
    for (String module : MODULES) {
      Path sources = Path.of("..", module, "src/main/java");
      List<String> packages =
          EXPORTS
              .matcher(Files.readString(sources.resolve("module-info.java")))
              .results()
              .map(exports -> exports.group(1))
              .toList();
      for (String name : packages) {
        try (Stream<Path> children = Files.list(sources.resolve(name.replace('.', '/')))) {
          children.filter(file -> file.toString().endsWith(".java")).forEach(files::add);
        }
      }
    }
    return files;
  }

  @Test
  @DisplayName("no number of a rule in public Javadoc is plain text: each is a link")
  void links() throws IOException {
    assertThat(plainNumbers(exported())).isEmpty();
  }

  @Test
  @DisplayName("a number as plain text is noticed wherever users see it, and only there")
  void aPlantedViolationIsNoticed() throws IOException {
    Path file = folder.resolve("Planted.java");
    Files.writeString(
        file,
        """
        /** See MR-3. */
        public class Planted {
          /** See {@link Rule#MR_4 MR-4}, and {@code MR-5}. */
          protected void method() {}
          /** Not MR-6. */
          private void hidden() {}
          /** See MT-1. */
          public interface Inner {
            /** See MT-2. */
            void method();
          }
          /** Nor this. */
          static class Hidden {
            /** Not MR-7. */
            public void method() {}
          }
        }
        """);
    assertThat(plainNumbers(List.of(file)))
        .containsExactly(
            "Planted.java, Planted: MR-3",
            "Planted.java, method: MR-5",
            "Planted.java, Inner: MT-1",
            "Planted.java, method: MT-2");
  }
}
