#include "tests/ui/hub/misbehaving_server.h"

#include <QFile>
#include <QSslCertificate>
#include <QSslKey>
#include <QSslServer>
#include <QString>
#include <utility>

namespace weighbridge::test {
namespace {

QByteArray testFile(const QString& name)
{
    QFile file(QStringLiteral(WEIGHBRIDGE_HUB_TEST_TLS) + u'/' + name);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

QSslCertificate testCertificate()
{
    return QSslCertificate(testFile(QStringLiteral("server.crt")));
}

ServerRequest parsed(const QByteArray& head)
{
    ServerRequest request;
    const QList<QByteArray> lines = head.split('\n');
    const QList<QByteArray> words = lines.first().trimmed().split(' ');
    request.method = words.value(0);
    request.target = words.value(1);
    for (const QByteArray& line : lines.mid(1)) {
        const auto colon = line.indexOf(':');
        request.headers.insert(line.left(colon).trimmed().toLower(), line.mid(colon + 1).trimmed());
    }
    return request;
}

} // namespace

MisbehavingServer::MisbehavingServer(Handler handler)
    : handler_(std::move(handler)), server_(std::make_unique<QTcpServer>())
{
    listen();
}

MisbehavingServer::MisbehavingServer(Handler handler, const QSslConfiguration& tls)
    : handler_(std::move(handler)), tls_(true)
{
    auto server = std::make_unique<QSslServer>();
    server->setSslConfiguration(tls);
    server_ = std::move(server);
    listen();
}

void MisbehavingServer::listen()
{
    // Not newConnection: a QSslServer emits that before the handshake is done.
    QObject::connect(server_.get(), &QTcpServer::pendingConnectionAvailable, server_.get(), [this] {
        while (QTcpSocket* socket = server_->nextPendingConnection()) {
            accept(*socket);
        }
    });
    server_->listen(QHostAddress::LocalHost);
}

void MisbehavingServer::accept(QTcpSocket& socket)
{
    const auto buffer = std::make_shared<QByteArray>();
    QObject::connect(&socket, &QTcpSocket::readyRead, &socket, [this, &socket, buffer] { read(socket, *buffer); });
    QObject::connect(&socket, &QTcpSocket::disconnected, &socket, &QObject::deleteLater);
    read(socket, *buffer);
}

void MisbehavingServer::read(QTcpSocket& socket, QByteArray& buffer)
{
    const QByteArray bytes = socket.readAll();
    received_ += bytes;
    buffer += bytes;
    for (auto end = buffer.indexOf("\r\n\r\n"); end >= 0; end = buffer.indexOf("\r\n\r\n")) {
        const ServerRequest request = parsed(buffer.left(end));
        buffer.remove(0, end + 4);
        requests_.append(request);
        handler_(socket, request);
    }
}

QUrl MisbehavingServer::url() const
{
    QUrl url;
    url.setScheme(tls_ ? QStringLiteral("https") : QStringLiteral("http"));
    url.setHost(QStringLiteral("127.0.0.1"));
    url.setPort(server_->serverPort());
    return url;
}

QSslConfiguration MisbehavingServer::serverTls()
{
    QSslConfiguration tls = QSslConfiguration::defaultConfiguration();
    tls.setLocalCertificate(testCertificate());
    tls.setPrivateKey(QSslKey(testFile(QStringLiteral("server.key")), QSsl::Ec));
    return tls;
}

QSslConfiguration MisbehavingServer::clientTls()
{
    QSslConfiguration tls = QSslConfiguration::defaultConfiguration();
    tls.setCaCertificates({testCertificate()});
    return tls;
}

QByteArray httpAnswer(int status, const QByteArray& body, const QByteArray& headers)
{
    return "HTTP/1.1 " + QByteArray::number(status) +
           " Whatever\r\nContent-Length: " + QByteArray::number(body.size()) + "\r\n" + headers + "\r\n" + body;
}

MisbehavingServer::Handler always(const QByteArray& answer)
{
    return [answer](QTcpSocket& socket, const ServerRequest&) { socket.write(answer); };
}

MisbehavingServer::Handler thenClose(const QByteArray& answer)
{
    return [answer](QTcpSocket& socket, const ServerRequest&) {
        socket.write(answer);
        socket.disconnectFromHost();
    };
}

} // namespace weighbridge::test
