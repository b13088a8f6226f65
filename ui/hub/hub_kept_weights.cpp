#include "ui/hub/hub_kept_weights.h"

#include <QDataStream>
#include <QIODevice>

namespace weighbridge {
namespace {

constexpr quint32 magic = 0x57424831;     // "WBH1": also the version
constexpr quint32 mostKeptFiles = 10'001; // an index and its shards

} // namespace

QByteArray packHeaders(const std::vector<FetchedFile>& files)
{
    QByteArray bytes;
    QDataStream stream(&bytes, QIODevice::WriteOnly);
    stream.setVersion(QDataStream::Qt_6_4);
    stream << magic << static_cast<quint32>(files.size());
    for (const FetchedFile& file : files) {
        stream << QByteArray::fromStdString(file.name) << static_cast<quint64>(file.size)
               << QByteArray::fromStdString(file.bytes);
    }
    return bytes;
}

std::optional<std::vector<FetchedFile>> unpackHeaders(const QByteArray& bytes)
{
    QDataStream stream(bytes);
    stream.setVersion(QDataStream::Qt_6_4);
    quint32 mark = 0;
    quint32 count = 0;
    stream >> mark >> count;
    if (stream.status() != QDataStream::Ok || mark != magic || count == 0 || count > mostKeptFiles) {
        return std::nullopt;
    }
    std::vector<FetchedFile> files;
    for (quint32 i = 0; i < count; ++i) {
        QByteArray name;
        quint64 size = 0;
        QByteArray header;
        stream >> name >> size >> header;
        if (stream.status() != QDataStream::Ok) {
            return std::nullopt;
        }
        files.push_back({name.toStdString(), size, header.toStdString()}); // NOLINT: a hostile count reserves nothing
    }
    return stream.atEnd() ? std::optional(std::move(files)) : std::nullopt;
}

} // namespace weighbridge
