import OpsCore
import Testing

@testable import OpsSteps

@Suite("Listeners of a host")
struct HostListenersTests {
    private let tables = """
        bridge 172.17.0.1
        bridge 172.20.0.1/16
        address 10.77.0.11/24
        address 172.20.0.1/16
        address fd00::1/64
          sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
           0: 0100007F:2382 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
           1: 010011AC:238C 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 2 1 0 100 0 0 10 0
           2: 00000000:0BB9 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 3 1 0 100 0 0 10 0
           3: 0B004D0A:0C1C 0C004D0A:D431 01 00000000:00000000 00:00000000 00000000     0        0 4 1 0 20 4 30 10 -1
          sl  local_address                         remote_address                        st tx_queue rx_queue
           0: 00000000000000000000000001000000:2385 00000000000000000000000000000000:0000 0A 00000000:00000000
           1: 00000000000000000000000000000000:1F92 00000000000000000000000000000000:0000 0A 00000000:00000000
           2: 0000000000000000FFFF00000100007F:2386 00000000000000000000000000000000:0000 0A 00000000:00000000
        """

    @Test(
        "a port is private on loopback and on docker's bridges, and nowhere else",
        arguments: [
            (9090, "127.0.0.1", Check.Status.pass), (9100, "172.17.0.1", .pass), (3001, "0.0.0.0", .fail),
            (9093, "::1", .pass), (8082, "::", .fail), (9094, "127.0.0.1", .pass),
        ])
    func listener(port: Int, address: String, status: Check.Status) {
        let check = HostListeners(parsing: tables).checks([port]).first
        #expect(check?.actual == address)
        #expect(check?.status == status)
    }

    @Test("a connection is no listener")
    func connection() {
        #expect(HostListeners(parsing: tables).checks([3100]).first?.actual == "nothing")
    }

    @Test("docker's bridges are no outer addresses")
    func outerAddresses() {
        #expect(HostListeners(parsing: tables).outer == ["10.77.0.11", "fd00::1"])
    }
}
