#pragma once

#include "ui/hub/hub_environment.h"

#include <optional>
#include <QString>
#include <QUrl>

namespace weighbridge {

/// A model on the Hub.
struct HubReference
{
    QString repository; ///< "org/name", or "name" for the few repositories from before there were organisations
    QString revision;   ///< branch, tag or commit; empty means main

    friend bool operator==(const HubReference&, const HubReference&) = default;
};

/// A reference, or why the text is none.
struct ParsedReference
{
    std::optional<HubReference> reference;
    QString error; ///< for people; empty when there is a reference
};

/// Reads what people type or paste: `org/name`, `gpt2`, `hf:org/name`, `hf://org/name`, `org/name@revision`, and links
/// to a model's page, branch or file on huggingface.co or on the host of `baseUrl`, with or without `https://`.
/// Refused, with a reason: other hosts, data sets and Spaces, files in a sub-folder, and anything that isn't a legal
/// name.
[[nodiscard]] ParsedReference parseModelReference(const QString& text, const QUrl& baseUrl = defaultHubUrl());

/// Why `reference` can't be asked for, for people, or an empty string when it can.
[[nodiscard]] QString referenceProblem(const HubReference& reference);

/// The revision to ask for: `reference.revision`, or main.
[[nodiscard]] QString effectiveRevision(const HubReference& reference);

/// `<base>/<repository>/resolve/<revision>/config.json`. Needs a reference without a problem.
[[nodiscard]] QUrl configUrl(const QUrl& baseUrl, const HubReference& reference);

} // namespace weighbridge
