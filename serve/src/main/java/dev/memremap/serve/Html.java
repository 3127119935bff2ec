// SPDX-License-Identifier: Apache-2.0
package dev.memremap.serve;

/** Text of a page, in which all that is not our own is escaped. */
final class Html {
  private final StringBuilder text = new StringBuilder(1 << 14);

  /**
   * Opens an element; attributes are pairs of a name and a value, and an empty value a bare name.
   */
  Html open(String name, String... attributes) {
    text.append('<').append(name);
    for (int i = 0; i < attributes.length; i += 2) {
      text.append(' ').append(attributes[i]);
      if (!attributes[i + 1].isEmpty()) {
        text.append("=\"");
        escape(attributes[i + 1]);
        text.append('"');
      }
    }
    text.append('>');
    return this;
  }

  /** Closes elements, the innermost first. */
  Html close(String... names) {
    for (String name : names) {
      text.append("</").append(name).append(">\n");
    }
    return this;
  }

  /** Adds text. */
  Html text(String words) {
    escape(words);
    return this;
  }

  /** Adds an element that holds text alone. */
  Html element(String name, String words, String... attributes) {
    open(name, attributes);
    escape(words);
    text.append("</").append(name).append('>');
    return this;
  }

  /** Adds markup of our own. */
  Html markup(String own) {
    text.append(own);
    return this;
  }

  private void escape(String words) {
    for (int i = 0; i < words.length(); i++) {
      char letter = words.charAt(i);
      switch (letter) {
        case '&' -> text.append("&amp;");
        case '<' -> text.append("&lt;");
        case '>' -> text.append("&gt;");
        case '"' -> text.append("&quot;");
        case '\'' -> text.append("&#39;");
        default -> text.append(letter < ' ' && letter != '\n' && letter != '\t' ? '?' : letter);
      }
    }
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
