#include "ui/hub/hub_cache.h"

#include "core/files/files.h"
#include "ui/hub/hub_json.h"

#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QRegularExpression>
#include <utility>

namespace weighbridge {

using namespace Qt::StringLiterals;

namespace {

QString weightsPath(const QString& configPath)
{
    return configPath.chopped(5) + u".weights"_s; // without ".json"
}

} // namespace

HubCache::HubCache(QUrl endpoint, QString directory) : endpoint_(std::move(endpoint)), directory_(std::move(directory))
{
}

QString HubCache::path(const HubReference& reference) const
{
    static const QRegularExpression unsafe(u"[^A-Za-z0-9_-]+"_s);
    const QUrl endpoint = endpoint_.adjusted(QUrl::RemoveUserInfo | QUrl::StripTrailingSlash);
    QString key =
        endpoint.toString(QUrl::FullyEncoded) + u'\n' + reference.repository + u'\n' + effectiveRevision(reference);
    if (!reference.file.isEmpty()) {
        key += u'\n' + reference.file;
    }
    const QByteArray hash = QCryptographicHash::hash(key.toUtf8(), QCryptographicHash::Sha256).toHex().left(32);
    QString readable = reference.repository.left(60) + u'-' + effectiveRevision(reference).left(40);
    readable.replace(unsafe, u"-"_s);
    return directory_ + u'/' + readable + u'-' + QString::fromLatin1(hash) + u".json"_s;
}

std::optional<CachedConfig> HubCache::read(const HubReference& reference, qint64 maximumBytes) const
{
    if (directory_.isEmpty()) {
        return std::nullopt;
    }
    QFile file(path(reference));
    const QFileInfo info(file.fileName());
    if (!info.isFile() || !file.open(QIODevice::ReadOnly)) {
        return std::nullopt;
    }
    const QByteArray bytes = file.read(maximumBytes + 1);
    if (bytes.size() > maximumBytes || !looksLikeJsonObject(bytes)) {
        file.close();
        file.remove();
        return std::nullopt;
    }
    return CachedConfig{bytes, info.lastModified()};
}

std::optional<CachedConfig> HubCache::readWeights(const HubReference& reference, qint64 maximumBytes) const
{
    QFile file(weightsPath(path(reference)));
    const QFileInfo info(file.fileName());
    if (directory_.isEmpty() || !info.isFile() || info.size() > maximumBytes || !file.open(QIODevice::ReadOnly)) {
        return std::nullopt;
    }
    return CachedConfig{file.read(maximumBytes), info.lastModified()};
}

bool HubCache::writeWeights(const HubReference& reference, const QByteArray& bytes) const
{
    return writeFile(weightsPath(path(reference)), bytes);
}

bool HubCache::write(const HubReference& reference, const QByteArray& bytes) const
{
    return writeFile(path(reference), bytes);
}

bool HubCache::writeFile(const QString& path, const QByteArray& bytes) const
{
    if (directory_.isEmpty()) {
        return false;
    }
    return QDir().mkpath(directory_) &&
           !write_file(path.toStdString(), {bytes.constData(), static_cast<std::size_t>(bytes.size())},
                       WriteInto::private_files);
}

} // namespace weighbridge
