#!/bin/sh
# Runs once inside the new root file system of the hosts: users, shells, SSH and sudo settings.
# Passwords here are the lab's and public on purpose: hosts have no route to anywhere.

ln -sf /usr/bin/busybox /usr/local/bin/ash
printf '%s\n' /usr/local/bin/ash /usr/bin/fish >>/etc/shells

user() { # NAME SHELL PASSWORD: PASSWORD '-' leaves key login only
    useradd --create-home --shell "$2" "$1"
    [ "$3" = - ] || echo "$1:$3" | chpasswd
}
user deploy /bin/bash deploy-password
user ops /bin/bash ops-password
user fishy /usr/bin/fish -
user bashy /bin/bash -
user ashy /usr/local/bin/ash -
usermod -aG docker,adm deploy

# deploy's own login shell is dash under the name most servers give it.
chsh -s /bin/sh deploy

cat >/etc/sudoers.d/lab <<'SUDO'
Defaults !lecture
deploy ALL=(ALL:ALL) NOPASSWD: ALL
ops ALL=(ALL:ALL) ALL
SUDO
chmod 440 /etc/sudoers.d/lab

# Keys of all users come from one directory that the lab mounts read-only.
cat >/etc/ssh/sshd_config <<'SSHD'
Port 22
HostKey /etc/lab/keys/ssh_host_ed25519_key
HostKey /etc/lab/keys/ssh_host_ecdsa_key
HostKey /etc/lab/keys/ssh_host_rsa_key
AuthorizedKeysFile .ssh/authorized_keys
PermitRootLogin prohibit-password
PasswordAuthentication yes
KbdInteractiveAuthentication yes
UsePAM yes
PrintMotd no
PrintLastLog no
AllowTcpForwarding yes
AllowStreamLocalForwarding yes
AcceptEnv LANG LC_*
Subsystem sftp /usr/lib/openssh/sftp-server
SSHD
# The kernel's audit interface is not there in every machine that can run the lab.
sed -i 's/^session *required *pam_loginuid.so/session optional pam_loginuid.so/' /etc/pam.d/sshd
sed -i '/pam_motd\|pam_mail\|pam_lastlog/d' /etc/pam.d/sshd
rm -f /etc/ssh/ssh_host_* /etc/motd

mkdir -p /etc/lab /etc/docker /mnt/small /srv/fleet
# Nothing in a host may wait for a name server: there is none.
printf 'options timeout:1 attempts:1\n' >/etc/resolv.conf
printf 'hosts: files dns\npasswd: files\ngroup: files\nshadow: files\n' >/etc/nsswitch.conf

apt-get clean
rm -rf /var/lib/apt/lists/* /usr/share/man/* /usr/share/doc/* /usr/share/info/* /usr/share/locale/*
