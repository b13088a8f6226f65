#pragma once

#include <functional>
#include <memory>
#include <QByteArray>
#include <QHash>
#include <QList>
#include <QSslConfiguration>
#include <QTcpServer>
#include <QTcpSocket>
#include <QUrl>

namespace weighbridge::test {

struct ServerRequest
{
    QByteArray method;
    QByteArray target;
    QHash<QByteArray, QByteArray> headers; ///< names in lower case

    [[nodiscard]] QByteArray header(const QByteArray& name) const { return headers.value(name.toLower()); }
};

/// An HTTP server on 127.0.0.1 that does whatever a test tells it to, byte for byte.
class MisbehavingServer
{
public:
    /// Called per request; writes what it likes to the socket, when it likes, and closes it or not.
    using Handler = std::function<void(QTcpSocket&, const ServerRequest&)>;

    explicit MisbehavingServer(Handler handler);
    MisbehavingServer(Handler handler, const QSslConfiguration& tls);

    [[nodiscard]] QUrl url() const;
    [[nodiscard]] const QList<ServerRequest>& requests() const { return requests_; }

    /// Every byte that any client sent, requests cut short included.
    [[nodiscard]] const QByteArray& received() const { return received_; }

    /// TLS with the test certificate, which is good for 127.0.0.1 and trusted by nobody.
    [[nodiscard]] static QSslConfiguration serverTls();
    /// Trusts the test certificate.
    [[nodiscard]] static QSslConfiguration clientTls();

private:
    void listen();
    void accept(QTcpSocket& socket);
    void read(QTcpSocket& socket, QByteArray& buffer);

    Handler handler_;
    std::unique_ptr<QTcpServer> server_;
    bool tls_ = false;
    QList<ServerRequest> requests_;
    QByteArray received_;
};

/// A whole answer with a Content-Length. `headers` are complete lines, each ended by "\r\n".
[[nodiscard]] QByteArray httpAnswer(int status, const QByteArray& body = {}, const QByteArray& headers = {});

/// A handler that always gives the same bytes and leaves the connection open.
[[nodiscard]] MisbehavingServer::Handler always(const QByteArray& answer);

/// A handler that gives the bytes and closes the connection.
[[nodiscard]] MisbehavingServer::Handler thenClose(const QByteArray& answer);

} // namespace weighbridge::test
