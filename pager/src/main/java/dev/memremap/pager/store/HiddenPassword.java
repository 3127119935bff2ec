// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import java.net.URI;
import java.util.regex.Pattern;

/** Texts of locations without what stands behind the user's name. */
final class HiddenPassword {
  private static final Pattern PASSWORD = Pattern.compile("^([^/?#]*//[^/?#:@]*:)[^/?#]*@");

  private HiddenPassword() {}

  static URI of(URI uri) {
    String text = uri.toString();
    String hidden = PASSWORD.matcher(text).replaceFirst("$1***@");
    return hidden.equals(text) ? uri : URI.create(hidden);
  }
}
