#pragma once

#include "ui/hub/hub_request.h"

#include <optional>
#include <QByteArray>
#include <QDateTime>
#include <QString>
#include <QUrl>

namespace weighbridge {

struct CachedConfig
{
    QByteArray bytes;
    QDateTime fetchedAt;
};

/// Copies of fetched config.json files and of the headers of weights files, one file each. An empty directory name
/// means that nothing is kept or found.
class HubCache
{
public:
    HubCache(QUrl endpoint, QString directory);

    /// Where the copy of `reference` from this endpoint is kept. The name is safe whatever the reference holds: a
    /// readable part of harmless characters, and a hash of endpoint, repository and revision that makes it unique.
    [[nodiscard]] QString path(const HubReference& reference) const;

    /// The copy, if there is one of at most `maximumBytes` that looks like a JSON object. Any other file in its place
    /// is removed.
    [[nodiscard]] std::optional<CachedConfig> read(const HubReference& reference, qint64 maximumBytes) const;

    /// The headers of weights files kept beside it, if there are any, packed as they were given.
    [[nodiscard]] std::optional<CachedConfig> readWeights(const HubReference& reference, qint64 maximumBytes) const;
    bool writeWeights(const HubReference& reference, const QByteArray& bytes) const;

    /// Keeps `bytes`, atomically and readable by the owner alone (a private model's config.json is private too).
    /// False when the disk does not let us.
    bool write(const HubReference& reference, const QByteArray& bytes) const;

private:
    [[nodiscard]] bool writeFile(const QString& path, const QByteArray& bytes) const;

    QUrl endpoint_;
    QString directory_;
};

} // namespace weighbridge
