#pragma once

#include "ui/hub/hub_environment.h"

#include <optional>
#include <QString>
#include <QUrl>

namespace weighbridge {

/// A model on the Hub.
struct HubReference
{
    QString repository;    ///< "org/name", or "name" for the few repositories from before there were organisations
    QString revision = {}; ///< branch, tag or commit; empty means main
    /// A GGUF file of the repository, or its quantization ("Q4_K_M"); empty means what config.json describes.
    QString file = {};

    friend bool operator==(const HubReference&, const HubReference&) = default;
};

/// A reference, or why the text is none.
struct ParsedReference
{
    std::optional<HubReference> reference;
    QString error; ///< for people; empty when there is a reference
};

/// Reads what people type or paste: `org/name`, `gpt2`, `hf:org/name`, `hf://org/name`, `org/name@revision`, each also
/// with `:Q4_K_M` (as llama.cpp's -hf) or `:FILE.gguf` behind it, and links to a model's page, branch or file on
/// huggingface.co or on the host of `baseUrl`, with or without `https://`. Refused, with a reason: other hosts, data
/// sets and Spaces, files in a sub-folder other than GGUF files, and anything that isn't a legal name.
[[nodiscard]] ParsedReference parseModelReference(const QString& text, const QUrl& baseUrl = defaultHubUrl());

/// Why `reference` can't be asked for, for people, or an empty string when it can.
[[nodiscard]] QString referenceProblem(const HubReference& reference);

/// The revision to ask for: `reference.revision`, or main.
[[nodiscard]] QString effectiveRevision(const HubReference& reference);

/// What people would type for it: "org/name", "org/name@revision", "org/name:FILE.gguf".
[[nodiscard]] QString referenceText(const HubReference& reference);

/// `<base>/<repository>/resolve/<revision>/config.json`. Needs a reference without a problem.
[[nodiscard]] QUrl configUrl(const QUrl& baseUrl, const HubReference& reference);
/// The same of any file, which may lie in a sub-folder.
[[nodiscard]] QUrl fileUrl(const QUrl& baseUrl, const HubReference& reference, const QString& file);
/// `<base>/api/models/<repository>/revision/<revision>?blobs=true`: the repository's files and metadata.
[[nodiscard]] QUrl repositoryUrl(const QUrl& baseUrl, const HubReference& reference);

} // namespace weighbridge
