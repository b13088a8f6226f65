#pragma once

#include <optional>
#include <QByteArray>
#include <QList>
#include <QString>

namespace weighbridge {

/// A file of a repository.
struct HubFile
{
    QString name;     ///< with its folder
    qint64 size = -1; ///< -1 where the Hub does not say
};

/// Elements of one data type in the safetensors files of a repository, as the Hub has counted them.
struct HubCount
{
    QString type; ///< "BF16"
    qint64 elements = 0;
};

/// What the Hub tells about a repository of models.
struct HubRepository
{
    QList<HubFile> files;
    QList<HubCount> counts; ///< empty where the Hub does not say

    [[nodiscard]] const HubFile* find(const QString& name) const;
};

/// Reads the answer of /api/models/...: `siblings` with `rfilename` and `size`, `safetensors.parameters`. Nothing where
/// it is no such answer; entries that are not as they should be are left out.
[[nodiscard]] std::optional<HubRepository> parseRepository(const QByteArray& body);

/// A GGUF file that a person can choose; the parts of a split one are one file.
struct GgufChoice
{
    QString name;      ///< of the file or its first part
    QStringList parts; ///< all files, in order
    qint64 bytes = -1; ///< of all parts; -1 where the Hub does not say

    /// The quantization in its name ("Q4_K_M"), or the name where it has none.
    [[nodiscard]] QString label() const;
};

/// The GGUF files of a repository, in its order: without projectors of vision models (mmproj), importance matrices, and
/// split files of which parts are missing.
[[nodiscard]] QList<GgufChoice> ggufChoices(const HubRepository& repository);

/// The choices that `wanted` means: a file's name, or else a quantization, which is the last part of a name ("Q4_K_M"
/// of x-Q4_K_M.gguf, but not of x-Q4_K_M_L.gguf). Case does not matter.
[[nodiscard]] QList<GgufChoice> matchingChoices(const QList<GgufChoice>& choices, const QString& wanted);

} // namespace weighbridge
